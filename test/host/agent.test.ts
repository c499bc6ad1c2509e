import t from 'tap'
import { bedReason, openBed } from '../bed/bed.ts'
import { waitFor } from '../bed/wait.ts'
import { installAgent } from '../helpers/fleet.ts'
import { bedMaster, giveWork } from '../helpers/give-work.ts'

// Nobody waits for what takes a minute.
const DROP_IN = '[Service]\nRestartSec=1\nWatchdogSec=8\n'
const STATE = '/var/lib/drover'
// Right after a run; some seconds later it is less.
const MAX_RSS_MB = 72

t.test('the agent under systemd', { skip: bedReason() ?? false, timeout: 600_000 }, async (t) => {
  const bed = await openBed(t)
  const host = await bed.host({ name: 'bench' })
  const master = await bedMaster(t)
  await giveWork(host, master, t.testdir({ identity: {}, site: {} }))
  // A small disk of its own, to be filled.
  const small = `mount -t tmpfs -o size=48m,mode=0700 tmpfs ${STATE}`
  await host.must([
    'sh',
    '-ec',
    `mv ${STATE} /srv/state; mkdir ${STATE}; ${small}; cp -a /srv/state/. ${STATE}`,
  ])
  const show = async (property: string) =>
    (await host.must(['systemctl', 'show', '--value', '--property', property, 'drover-agent.service'])).trim()
  const count = (test: (counts: { changed?: number; failed?: number }) => boolean) =>
    [...master.rows.values()].filter(({ head }) => test(head.counts ?? {})).length

  await t.test('is ready when it says so, and converges the host', async (t) => {
    await host.write('/etc/systemd/system/drover-agent.service.d/quick.conf', DROP_IN)
    await installAgent(host)
    const verified = await host.exec([
      'systemd-analyze',
      'verify',
      '/etc/systemd/system/drover-agent.service',
    ])
    t.notMatch(verified.stderr, /Unknown|Failed to parse/)
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

  await t.test('with a full disk it goes on, and says so, by the room that it has kept', async (t) => {
    const breakOne = () => host.must(['sh', '-c', 'echo x > /srv/bench/8.conf'])
    const repairs = () => count(({ changed }) => changed === 1)
    const before = repairs()
    const mended = (times: number) => master.until(() => repairs() === before + times)
    await host.must(['test', '-s', `${STATE}/reserve`])
    await host.exec(['sh', '-c', `cat /dev/zero > ${STATE}/fill`])
    await breakOne()
    await mended(1)
    await host.must(['test', '!', '-e', `${STATE}/reserve`])
    await host.must(['rm', `${STATE}/fill`])
    await breakOne()
    await mended(2)
    const isKept = async () =>
      (await host.exec(['test', '-s', `${STATE}/reserve`])).code === 0 ? true : null
    t.ok(await waitFor(isKept, { timeoutMs: 60_000 }), 'and keeps it again')
    t.equal(
      count(({ failed = 0 }) => failed > 0),
      0,
    )
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
