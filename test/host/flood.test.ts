import t, { type Test } from 'tap'
import { bedReason, openBed } from '../bed/bed.ts'
import { waitFor } from '../bed/wait.ts'
import { installAgent } from '../helpers/fleet.ts'
import { bedMaster, giveSite } from '../helpers/give-work.ts'

/** `DROVER_FLOOD_FILES=10000 npm run host -- flood` for as many as that. */
const FILES = Number(process.env.DROVER_FLOOD_FILES ?? 2000)
t.setTimeout(Math.max(600_000, 200 * FILES))

const ROLE = `resources:
  - directory: [/srv/flood, /srv/other]
  - file: "/srv/flood/{{ i }}"
    for_each: range(${FILES})
    as: i
    content: "file {{ i }}\\n"
  - file: [/srv/other/a, /srv/other/b]
    content: "as it should be\\n"
`
// It is stopped for longer than a watchdog waits.
const DROP_IN = '[Service]\nWatchdogSec=0\n'
// Far above what it takes, far below the sweep.
const MAX_REPAIR_MS = Math.max(120_000, 60 * FILES)

// Spoils all files, and says how long that took; then how many are spoilt still.
const SPOIL = `
const fs = require('fs'), from = performance.now()
for (let i = 0; i < ${FILES}; i++) fs.writeFileSync('/srv/flood/' + i, 'spoilt ' + i)
console.log(Math.round(performance.now() - from))`
const SPOILT = `
const fs = require('fs')
const read = (i) => { try { return fs.readFileSync('/srv/flood/' + i, 'utf8') } catch { return '' } }
let count = 0
for (let i = 0; i < ${FILES}; i++) if (read(i) !== 'file ' + i + '\\n') count++
console.log(count)`

t.test(
  'thousands of files that are spoilt at once are all put right',
  { skip: bedReason() ?? false },
  async (t) => {
    const bed = await openBed(t)
    const host = await bed.host({ name: 'bench' })
    const master = await bedMaster(t)
    await giveSite(host, master, t.testdir({ identity: {}, site: {} }), {
      'drover.yaml': 'name: test\n',
      'hosts.yaml': 'hosts:\n  bench: { roles: [test] }\n',
      'roles/test/role.yaml': ROLE,
    })
    await host.write('/etc/systemd/system/drover-agent.service.d/watchdog.conf', DROP_IN)
    await installAgent(host)
    await host.must(['systemctl', 'start', 'drover-agent.service'])
    await master.until(() =>
      [...master.rows.values()].some(({ head }) => (head.counts?.changed ?? 0) >= FILES),
    )
    const node = async (script: string) => Number(await host.must(['/usr/local/bin/node', '-e', script]))
    const isMended = async () => ((await node(SPOILT)) === 0 ? true : null)
    /** Milliseconds until all is as it should be; looked at now and then, since each look takes as long as a sweep. */
    const mended = async (t: Test) => {
      const from = performance.now()
      t.ok(await waitFor(isMended, { timeoutMs: MAX_REPAIR_MS }), 'all are as they should be')
      return Math.round(performance.now() - from)
    }

    await t.test('while it listens', async (t) => {
      const took = await node(SPOIL)
      t.comment(`${FILES} files spoilt within ${took} ms, all put right ${await mended(t)} ms later`)
    })

    await t.test(
      'while it stands still, until the queue of the kernel is full and more than that',
      async (t) => {
        await host.must(['systemctl', 'kill', '--signal=STOP', '--kill-whom=main', 'drover-agent'])
        const queue = Number(await host.read('/proc/sys/fs/inotify/max_queued_events'))
        for (let events = 0; events <= queue; events += FILES) await node(SPOIL)
        await host.write('/srv/other/a', 'nobody hears of this\n')
        await host.must(['systemctl', 'kill', '--signal=CONT', '--kill-whom=main', 'drover-agent'])
        t.comment(`all put right ${await mended(t)} ms later`)
        const isLostMended = async () =>
          (await host.read('/srv/other/a')) === 'as it should be\n' ? true : null
        t.ok(
          await waitFor(isLostMended, { timeoutMs: MAX_REPAIR_MS }),
          'what no event told of was looked at too',
        )
      },
    )

    t.same(
      [...master.rows.values()]
        .filter(({ head }) => head.problem || head.counts?.failed)
        .map(({ head }) => head),
      [],
    )
  },
)
