import { setTimeout as after } from 'node:timers/promises'
import t from 'tap'
import { CONTESTED } from '../../lib/limits.ts'
import { bedReason, openBed } from '../bed/bed.ts'
import { waitFor } from '../bed/wait.ts'
import { installAgent, letIn, openFleet } from '../helpers/fleet.ts'
import { writeSite } from '../master/write-site.ts'

const SAME = 'as it should be\n'
const [FOUGHT, KEPT, OTHER] = ['/etc/fought.conf', '/etc/kept.conf', '/etc/other.conf']
const FOUGHT_MS = Number(process.env.DROVER_FIGHT_SECONDS ?? 20) * 1000
// Far above what it takes.
const LIMIT_MS = 60_000
// What another hand does: it writes the same once a second, and stops at the end.
const OTHER_HAND = `for i in $(seq ${FOUGHT_MS / 1000}); do echo "theirs" > ${FOUGHT}; sleep 1; done`
const MAX_CPU_MS = 8000

t.test(
  'another hand, and a hand that is let be',
  { skip: bedReason() ?? false, timeout: 600_000 },
  async (t) => {
    const site = t.testdir({})
    const file = (path: string) => `  - file: ${path}\n    content: "as it should be\\n"\n`
    writeSite(site, {
      'hosts.yaml': 'hosts:\n  fight: { roles: [test] }\n',
      'roles/test/role.yaml': `description: Files.\nresources:\n${[FOUGHT, KEPT, OTHER].map(file).join('')}`,
    })
    const bed = await openBed(t)
    const host = await bed.host({ name: 'fight' })
    const fleet = await openFleet(undefined, site)
    t.teardown(() => fleet.close())
    await installAgent(host)
    await letIn(fleet, host)
    const isSame = async (path: string) => ((await host.exec(['cat', path])).stdout === SAME ? true : null)
    const until = async (what: string, holds: () => Promise<true | null>) => {
      if ((await waitFor(holds, { timeoutMs: LIMIT_MS, everyMs: 100 })) === null)
        throw new Error(`not within ${LIMIT_MS} ms: ${what}`)
    }
    const says = async (words: readonly string[], what: RegExp) =>
      what.test((await fleet.drover(words)).stdout) ? true : null
    const log = () => host.must(['journalctl', '-u', 'drover-agent', '--no-pager', '-o', 'cat'])
    const runs = async () => (await log()).split('\n').filter((line) => line.includes('run ended')).length
    const pid = (await host.must(['systemctl', 'show', '--value', '-p', 'MainPID', 'drover-agent'])).trim()
    const cpuMs = async () => {
      const fields = (await host.read(`/proc/${pid}/stat`)).split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) * 10
    }
    await until('the first run', () => isSame(OTHER))
    await until('it is told', () => says(['hosts'], /in sync/))

    await t.test('a file that a process writes each second is named, and put right seldom', async (t) => {
      const [made, cpu] = [await runs(), await cpuMs()]
      await host.must(['systemd-run', '--quiet', '--unit=other-hand', 'sh', '-c', OTHER_HAND])
      await after(FOUGHT_MS)
      const [more, took] = [(await runs()) - made, (await cpuMs()) - cpu]
      t.comment(`${more} runs and ${took} ms of a core in ${FOUGHT_MS / 1000} s`)
      t.ok(more <= CONTESTED[0].times + 2, `${more} runs`)
      t.ok(took < MAX_CPU_MS)
      await until('it is told', () => says(['show', 'fight'], /Contested/))
      const known = /it left the same the last \d+ times\n[\s\S]*it wrote \d+\.\d s after .* belongs to uid 0/
      const named = new RegExp(`! fight file:${FOUGHT} {2}put right \\d+ times since`)
      for (const verb of ['show', 'drift']) {
        const { stdout } = await fleet.drover([verb, 'fight'])
        t.match(stdout, named, verb)
        t.match(stdout, known, verb)
      }
      t.match(
        (await fleet.drover(['doctor'])).stdout,
        /host fight: file:\/etc\/fought\.conf was put right \d+ times/,
      )
      t.match(await log(), /msg=contested resource=file:\/etc\/fought\.conf times=\d+/)

      await host.must(['sh', '-c', `echo x > ${OTHER}`])
      await until('what nobody contests is put right as ever', () => isSame(OTHER))
    })

    await t.test('a file that is paused stays as a hand left it, until the end', async (t) => {
      const paused = await fleet.drover([
        'pause',
        'fight',
        `file:${KEPT}`,
        '--for',
        '10s',
        '--why',
        'by hand',
      ])
      t.equal(paused.code, 0, paused.stderr)
      await host.must(['sh', '-c', `echo hand > ${KEPT}; echo hand > ${OTHER}`])
      await until('all else is enforced', () => isSame(OTHER))
      await until('it is shown', () => says(['drift', 'fight'], /left as it is: paused by .*: by hand/))
      t.equal((await host.must(['cat', KEPT])).trim(), 'hand')
      await until('it is put back at the end', () => isSame(KEPT))
    })
  },
)
