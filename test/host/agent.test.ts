import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { writeIdentity } from '../../agent/identity.ts'
import { makeWork, usualWork } from '../../bench/make-work.ts'
import { compile } from '../../master/compile/compile.ts'
import { readSite } from '../../master/site/read.ts'
import { SAMPLE_FACTS } from '../../master/site/sample-facts.ts'
import { states } from '../../states/index.ts'
import { bedReason, type Host, openBed } from '../bed/bed.ts'
import { addressOf } from '../bed/places.ts'
import { makePki, SmallMaster } from '../helpers/small-master.ts'
import { writeSite } from '../master/write-site.ts'

const PROGRAM = '/usr/local/bin/node --max-semi-space-size=1 --max-old-space-size=96 --lite-mode'
// Where the bed has node and the checkout; the flags are those of the unit.
const DROP_IN = `[Service]
ExecStart=
ExecStart=${PROGRAM} /opt/drover/dist/bundle/drover.js agent
RestartSec=1
WatchdogSec=8
`
const GATEWAY = addressOf(1)
// Right after a run; some seconds later it is less.
const MAX_RSS_MB = 72

t.test('the agent under systemd', { skip: bedReason() ?? false, timeout: 600_000 }, async (t) => {
  const bed = await openBed(t)
  const host = await bed.host({ name: 'bench' })
  const master = new SmallMaster(await makePki(GATEWAY))
  master.address = `${GATEWAY}:0`
  await master.start()
  t.teardown(() => master.stop())
  await give(t, host, master)
  const show = async (property: string) =>
    (await host.must(['systemctl', 'show', '--value', '--property', property, 'drover-agent.service'])).trim()
  const count = (test: (counts: { changed?: number; failed?: number }) => boolean) =>
    [...master.rows.values()].filter(({ head }) => test(head.counts ?? {})).length

  await t.test('is ready when it says so, and converges the host', async (t) => {
    const unit = readFileSync('packaging/drover-agent.service', 'utf8')
    await host.write('/etc/systemd/system/drover-agent.service', unit)
    t.match(unit, PROGRAM.replace('/usr/local/bin/node ', ''), 'the drop-in has the flags of the unit')
    const verified = await host.exec([
      'systemd-analyze',
      'verify',
      '/etc/systemd/system/drover-agent.service',
    ])
    t.notMatch(verified.stderr, /Unknown|Failed to parse/)
    await host.write('/etc/systemd/system/drover-agent.service.d/bed.conf', DROP_IN)
    await host.must(['systemctl', 'enable', '--now', '--quiet', 'drover-agent.service'])
    t.equal(await show('ActiveState'), 'active')
    await master.until(() => count(({ changed = 0 }) => changed > 500) === 1)
    t.equal(
      count(({ failed = 0 }) => failed > 0),
      0,
    )
    t.match(JSON.parse(String(master.facts[0])), { hostname: 'bench', hardware: { cpu: {} } })
  })

  await t.test('killed, it is started again, mends what was broken meanwhile and reports it', async (t) => {
    const pid = await show('MainPID')
    await host.must(['sh', '-c', 'echo x > /srv/bench/7.conf'])
    await host.must(['kill', '-KILL', pid])
    await master.until(() => count(({ changed }) => changed === 1) === 1)
    t.not(await show('MainPID'), pid)
    t.equal(await show('NRestarts'), '1')
    t.match(await host.read('/srv/bench/7.conf'), /file 7 of the bench/)
  })

  await t.test('one whose loop is blocked is ended by the watchdog and started again', async (t) => {
    const pid = await show('MainPID')
    await host.must(['kill', '-STOP', pid])
    await master.until(() => [...master.heard].filter(({ hello }) => hello).length >= 3)
    t.equal(await show('NRestarts'), '2')
    t.match(await host.must(['journalctl', '-u', 'drover-agent', '--no-pager']), /Watchdog timeout/)
  })

  await t.test('after its work it gives memory back', async (t) => {
    await master.order({ request_id: 'check', kind: 'RUN_KIND_CHECK', catalog_sha256: '', fingerprint: '' })
    const status = await host.read(`/proc/${await show('MainPID')}/status`)
    const mb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
    t.comment(`${mb.toFixed(1)} MB`)
    t.ok(mb < MAX_RSS_MB, 'right after a run')
  })

  await t.test('stopped, it says so and ends by itself', async (t) => {
    await host.must(['systemctl', 'stop', 'drover-agent.service'])
    t.equal(await show('Result'), 'success')
    t.equal(await show('ExecMainStatus'), '0')
    t.match(await host.must(['journalctl', '-u', 'drover-agent', '--no-pager']), /msg=stopping/)
  })
})

/** An identity, and a catalog of 574 resources. */
async function give(t: Test, host: Host, master: SmallMaster): Promise<void> {
  const dir = t.testdir({ identity: {}, site: {} })
  const { roots, client } = master.pki
  writeIdentity(join(dir, 'identity'), {
    ...{ name: 'bench', ...client, roots, generation: 1 },
    ...{ addresses: [master.address], enrollment: [], ageIdentity: null },
  })
  await host.must(['install', '-d', '-m', '0700', '/var/lib/drover', '/var/lib/drover/identity'])
  await host.write(
    '/var/lib/drover/identity/identity',
    readFileSync(join(dir, 'identity', 'identity'), 'utf8'),
    {
      mode: '0600',
    },
  )
  const installed = await host.must(['dpkg-query', '-W', '-f=$'.concat('{Package}\\n')])
  const work = makeWork(usualWork(installed.trim().split('\n').slice(0, 50)))
  const files = [...work].filter(([path]) => path.startsWith('drover/'))
  const tree = Object.fromEntries(files.map(([path, text]) => [path.slice('drover/'.length), text]))
  const { site } = await readSite(writeSite(join(dir, 'site'), tree))
  const { catalog, blobs } = await compile(site, 'bench', SAMPLE_FACTS, { states })
  if (catalog === null) throw new Error('the work of the bench does not compile')
  for (const [digest, bytes] of blobs) master.blobs.set(digest, bytes)
  master.declare(catalog)
}
