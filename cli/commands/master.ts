import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { Failure } from '../../lib/failure.ts'
import { STOP_MS } from '../../lib/limits.ts'
import { type Log, openLog } from '../../lib/log.ts'
import { PATH } from '../../lib/programs.ts'
import { openMaster } from '../../master/master.ts'
import { isAddress, type MasterSettings, readMasterSettings, USUAL } from '../../master/settings.ts'
import { Diagnostics } from '../../master/site/diagnostics.ts'
import { parseYaml } from '../../master/site/yaml.ts'
import type { CommonOptions, Context } from '../context.ts'
import { EXIT, Usage } from '../exit.ts'
import { ownPath } from '../own-path.ts'
import { BadSite, shippedRoles } from '../site.ts'
import { VERSION } from '../version.ts'

export type MasterOptions = CommonOptions & {
  readonly site?: string
  readonly state?: string
  readonly listen?: string
}

const SETTINGS_FILE = '/etc/drover/master.yaml'

/** `drover master`: serves agents and operators until it is told to stop. */
export async function runMaster(context: Context, options: MasterOptions): Promise<number> {
  // Keys and what hosts are told are nobody else's.
  process.umask(0o077)
  const log = openMasterLog(context)
  const settings = settle(await readFile(SETTINGS_FILE), options)
  for (const path of [settings.state, settings.socket]) ownPath(path)
  const stop = stopped()
  const master = await openMaster(settings, {
    now: Date.now,
    newId: randomUUID,
    log,
    version: VERSION,
    shippedRoles: shippedRoles(),
  })
  const tell = notifier(context, log)
  await tell('--ready', `--status=serving at ${master.main}`)
  log.info('ready', {
    version: VERSION,
    main: master.main,
    enrollment: master.enrollment,
    socket: master.socket,
  })
  const asked = await Promise.race([stop.then(() => true), master.ended.then(() => false)])
  if (!asked) log.error('the store has ended, so the master ends too')
  log.info('stopping')
  await tell('--stopping')
  await master.close(asked ? STOP_MS : 0)
  log.info('stopped')
  return asked ? EXIT.done : EXIT.failed
}

function openMasterLog({ stderr, env }: Context): Log {
  const form = env.JOURNAL_STREAM === undefined ? 'logfmt' : 'journald'
  return openLog(
    (line) => void stderr.write(line),
    () => new Date().toISOString(),
    form,
  )
}

async function readFile(path: string): Promise<Partial<MasterSettings>> {
  if (!existsSync(path)) return {}
  const bytes = readFileSync(path)
  const found = new Diagnostics()
  const tree = await parseYaml({ path: 'master.yaml', size: bytes.length, bytes }, found)
  const settings = tree === null ? {} : readMasterSettings(tree, found)
  const errors = found.sorted().filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new BadSite(dirname(path), errors)
  return settings
}

/** The file, and over it the flags; what neither says is as usual. */
function settle(file: Partial<MasterSettings>, { site, state, listen }: MasterOptions): MasterSettings {
  const place = site === undefined ? file.site : { folder: resolve(site) }
  if (place === undefined) {
    const hint = `write "site: /path" into ${SETTINGS_FILE}, or give --site`
    throw new Failure('invalid', 'the master is not told which site it serves', { hint })
  }
  const tried =
    state === undefined ? {} : { state: resolve(state), socket: join(resolve(state), 'master.sock') }
  const settings = {
    names: [hostname()],
    hookSecret: null,
    metrics: null,
    ...USUAL,
    ...file,
    ...tried,
    site: place,
  }
  return listen === undefined ? settings : { ...settings, ...listeners(listen) }
}

/** For trying out: one address for all listeners, each on the port after the one before; 0 for any that is free. */
function listeners(listen: string): Pick<MasterSettings, 'listen' | 'enrollment' | 'http' | 'names'> {
  if (!isAddress(listen)) throw new Usage('--listen takes an address with a port', 'such as 127.0.0.1:7440')
  const [address, port] = [
    listen.slice(0, listen.lastIndexOf(':')),
    Number(listen.slice(listen.lastIndexOf(':') + 1)),
  ]
  const next = (by: number) => `${address}:${port === 0 ? 0 : port + by}`
  const bare = address.replace(/^\[|\]$/g, '')
  const names = ['0.0.0.0', '::'].includes(bare) ? [hostname()] : [bare]
  return { listen, enrollment: next(1), http: next(2), names }
}

/** Fulfilled by the first signal that ends it. */
function stopped(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => done())
  })
}

/** Tells systemd, where that has started us; Node has no socket for it. */
function notifier({ env }: Context, log: Log): (...words: string[]) => Promise<void> {
  const socket = env.NOTIFY_SOCKET
  if (!socket) return async () => undefined
  return (...words) =>
    new Promise((done) => {
      const options = { env: { PATH, NOTIFY_SOCKET: socket }, timeout: 10_000 }
      execFile('systemd-notify', words, options, (error) => {
        if (error) log.warn('systemd could not be told', { why: error.message })
        done()
      })
    })
}
