import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { freemem } from 'node:os'
import { dirname, join } from 'node:path'
import { bedReason, type Host, openBed } from '../../test/bed/bed.ts'
import { readUsage, type Usage } from '../process-usage.ts'
import { type Spread, spread } from '../report.ts'
import { nameOf, range } from './fleet-site.ts'
import { load, PuppetClient } from './puppet-clients.ts'
import { environmentFiles } from './puppet-site.ts'

/** Puppet Server as Debian has it, on a host of its own, with the fleet's site in Puppet's language. */

export type PuppetMeasured = {
  readonly version: string
  /** Catalogs a second, by how many callers asked at a time. */
  readonly loads: readonly {
    readonly callers: number
    readonly perSecond: Spread
    readonly cpuMsEach: number
  }[]
  readonly rssMb: number
}

const UNIT = 'puppetserver.service'
const ENVIRONMENT = '/etc/puppet/code/environments/production'
const SSL = '/var/lib/puppet/ssl'
const [NEEDED_GB, HEAP, INSTANCES] = [4, '2g', 2]
const [INSTALL_MS, START_MS, CERTIFICATES_MS] = [15 * 60_000, 6 * 60_000, 3 * 60_000]
/** Who asks: as many with the role `half` as without, none with `one`. */
const ASKING = range(8, (i) => i + 1)
const CALLERS = [2, 4]
// The JVM gets faster for some hundred catalogs.
const [WARM_UP, MEASURED] = [
  { windows: 1, windowMs: 120_000 },
  { windows: 12, windowMs: 5_000 },
]

const SETTINGS: Readonly<Record<string, string>> = {
  '/etc/puppet/puppet.conf':
    '[main]\ncertname = puppet\nserver = puppet\n[server]\nenvironment_timeout = unlimited\n',
  // Beside the package's own files, which do not say it.
  '/etc/puppet/puppetserver/conf.d/bench.conf': `jruby-puppet: { max-active-instances: ${INSTANCES} }\n`,
}
const HEAP_SETTING = `JAVA_ARGS="-Xms${HEAP} -Xmx${HEAP} -Djruby.logger.class=com.puppetlabs.jruby_utils.jruby.Slf4jLogger"\n`

/** Throws when this machine can't, with why. Leaves nothing behind. */
export async function measurePuppetServer(
  hosts: number,
  progress: (line: string) => void,
): Promise<PuppetMeasured> {
  const reason = bedReason()
  if (reason !== null) throw new Error(`Puppet Server needs a host to be measured on: ${reason}`)
  const freeGb = freemem() / 2 ** 30
  if (freeGb < NEEDED_GB)
    throw new Error(
      `Puppet Server with ${HEAP} of heap needs ${NEEDED_GB} GB of free memory; there are ${freeGb.toFixed(1)}`,
    )
  const bed = await openBed()
  try {
    const host = await bed.host({ name: 'puppet' })
    progress('installing puppetserver in a host')
    await install(host)
    configure(host, hosts)
    progress('starting Puppet Server, which takes a minute or two')
    await start(host)
    return await measure(host, progress)
  } finally {
    await bed.close()
  }
}

async function install(host: Host): Promise<void> {
  // It is to start when it is configured.
  await host.write('/usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', { mode: '0755' })
  const options = { timeoutMs: INSTALL_MS, env: { DEBIAN_FRONTEND: 'noninteractive' } }
  try {
    await host.must(['apt-get', 'update', '-q'], options)
    await host.must(['apt-get', 'install', '--yes', '-q', '--no-install-recommends', 'puppetserver'], options)
  } catch (cause) {
    throw new Error(`puppetserver could not be installed: ${(cause as Error).message}`, { cause })
  }
}

function configure({ root }: Host, hosts: number): void {
  const put = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true, mode: 0o755 })
    writeFileSync(join(root, path), content, { mode: 0o644 })
  }
  for (const [path, content] of Object.entries(SETTINGS)) put(path, content)
  for (const [path, content] of environmentFiles(hosts)) put(join(ENVIRONMENT, path), content)
  appendFileSync(join(root, '/etc/default/puppetserver'), HEAP_SETTING)
}

async function start(host: Host): Promise<void> {
  await host.must(['puppetserver', 'ca', 'setup', '--certname', 'puppet', '--subject-alt-names', 'puppet'])
  await host.must(['systemctl', 'start', UNIT], { timeoutMs: START_MS })
  const names = ASKING.map(nameOf).join(',')
  await host.must(['puppetserver', 'ca', 'generate', '--certname', names], { timeoutMs: CERTIFICATES_MS })
}

async function measure(host: Host, progress: (line: string) => void): Promise<PuppetMeasured> {
  const ca = await host.read(`${SSL}/certs/ca.pem`)
  const clients: PuppetClient[] = []
  try {
    for (const index of ASKING) {
      const name = `${nameOf(index)}.pem`
      const [cert, key] = [
        await host.read(`${SSL}/certs/${name}`),
        await host.read(`${SSL}/private_keys/${name}`),
      ]
      clients.push(new PuppetClient(index, host.address, { ca, cert, key }))
    }
    progress('warming Puppet Server up')
    await load(clients, Math.max(...CALLERS), WARM_UP)
    const loads: PuppetMeasured['loads'][number][] = []
    for (const callers of CALLERS) {
      progress(`asking Puppet Server for catalogs, ${callers} at a time`)
      const before = await usage(host)
      const rates = await load(clients, callers, MEASURED)
      const { cpuMs } = await usage(host)
      const count = rates.reduce((sum, rate) => sum + (rate * MEASURED.windowMs) / 1000, 0)
      loads.push({ callers, perSecond: spread(rates), cpuMsEach: (cpuMs - before.cpuMs) / count })
    }
    const shown = await host.must(['dpkg-query', '--show', 'puppetserver'])
    const version = /\d+(\.\d+)+/.exec(shown)?.[0] ?? 'unknown'
    return { version, loads, rssMb: (await usage(host)).rssMb }
  } finally {
    for (const client of clients) client.close()
  }
}

async function usage(host: Host): Promise<Usage> {
  const pid = (await host.must(['systemctl', 'show', '--value', '--property', 'MainPID', UNIT])).trim()
  return readUsage(await host.read(`/proc/${pid}/stat`), await host.read(`/proc/${pid}/status`))
}
