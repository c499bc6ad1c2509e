import { readFileSync } from 'node:fs'
import t from 'tap'
import { bedReason, openBed } from '../bed/bed.ts'
import { addressOf } from '../bed/places.ts'
import { giveWork } from '../helpers/give-work.ts'
import { makePki, SmallMaster } from '../helpers/small-master.ts'

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
  await giveWork(host, master, t.testdir({ identity: {}, site: {} }))
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
    // It would mend it at once if it could.
    await host.must(['kill', '-STOP', pid])
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
