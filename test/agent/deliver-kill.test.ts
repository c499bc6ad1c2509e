import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { status } from '@grpc/grpc-js'
import t, { type Test } from 'tap'
import { catalogOf } from '../helpers/agent-parts.ts'
import type { AgentProcess } from '../helpers/agent-process.ts'
import { makePki, SmallMaster } from '../helpers/small-master.ts'

/**
 * An agent that is killed before any of its changes to the disk, or while its report is on its way, and one that is
 * started after it: whatever was done to the host is in the master's rows, each run once.
 */
t.setTimeout(300_000)
const PKI = await makePki()

function start(given: Omit<AgentProcess, 'key' | 'chain' | 'roots'>): ChildProcess {
  // tap would load its own hooks into it.
  const argv = ['--unset=NODE_OPTIONS', process.execPath, 'dist/test/helpers/agent-process.js']
  const child = spawn('env', argv, { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin?.end(JSON.stringify({ ...given, ...PKI.client, roots: PKI.roots }))
  return child
}

async function setUp(t: Test) {
  const master = new SmallMaster(PKI)
  await master.start()
  t.teardown(() => master.stop())
  master.declare(catalogOf(['file:/etc/a', 'file:/etc/b']))
  const dir = t.testdir()
  let count = 0
  // With a catalog, which is of no concern here.
  const joined = join(dir, 'joined')
  mkdirSync(joined)
  const effects = join(dir, 'effects')
  await once(start({ stateDir: joined, address: master.address, killAt: 0, effects }), 'exit')
  /** One agent that may be killed, and one after it that is not. */
  const life = async (killAt: number, on: (child: ChildProcess) => void = () => undefined) => {
    const stateDir = join(dir, `state${++count}`)
    cpSync(joined, stateDir, { recursive: true })
    const given = { stateDir, address: master.address, effects: join(dir, `effects${count}`) }
    master.rows.clear()
    const first = start({ ...given, killAt })
    on(first)
    const [said, [, signal]] = await Promise.all([text(first.stdout as never), once(first, 'exit')])
    master.hooks = {}
    if (signal !== null) await once(start({ ...given, killAt: 0 }), 'exit')
    const effects = existsSync(given.effects) ? readFileSync(given.effects, 'utf8').trim().split('\n') : []
    const aside = readdirSync(join(stateDir, 'spool', 'aside'))
    return { calls: Number(said), killed: signal === 'SIGKILL', effects: effects.length, aside, stateDir }
  }
  return { master, life }
}

/** Each effect is in a row of its own, and no row is told of in two ways. */
function look(
  t: Test,
  where: string,
  master: SmallMaster,
  after: { effects: number; aside: string[]; stateDir: string },
) {
  const told = [...master.rows.values()].filter(
    ({ head }) => head.counts?.changed === 1 || head.problem !== null,
  )
  if (told.length < after.effects || after.aside.length > 0)
    t.fail(`${where}: ${after.effects} effects, ${told.length} told`, {
      after,
      rows: [...master.rows.keys()],
    })
  const left = readdirSync(join(after.stateDir, 'spool')).filter((name) => /\.(run|sent)$/.test(name))
  if (left.length > 0) t.fail(`${where}: something is left to be delivered`, { left })
}

t.test('killed before any change to the disk, nothing is lost and nothing told twice', async (t) => {
  const { master, life } = await setUp(t)
  const whole = await life(0)
  t.ok(whole.calls > 15, `a life makes ${whole.calls} changes to the disk`)
  t.equal(master.rows.size, 1)
  let killed = 0
  for (let at = 1; at <= whole.calls; at += 1) {
    const after = await life(at)
    killed += after.killed ? 1 : 0
    look(t, `killed at ${at}`, master, after)
    const ids = new Set([...master.rows.values()].map(({ head }) => `${head.started_at} ${head.trigger}`))
    if (ids.size !== master.rows.size) t.fail(`killed at ${at}: a run has two rows`)
  }
  t.ok(killed >= whole.calls - 3, `${killed} of ${whole.calls} agents were killed`)
})

t.test('killed while its report is on its way, it is recorded once', async (t) => {
  const { master, life } = await setUp(t)
  for (const hook of ['before', 'after'] as const) {
    const after = await life(0, (child) => {
      // `env` has become node: it is the agent's own pid.
      master.hooks[hook] = async () => {
        child.kill('SIGKILL')
        await once(child, 'exit')
        if (hook === 'before') throw { code: status.UNAVAILABLE }
      }
    })
    t.ok(after.killed, `killed ${hook} the master records it`)
    look(t, hook, master, after)
    const first = [...master.rows.values()][0]
    t.equal(first?.times, hook === 'after' ? 2 : 1)
    t.equal(after.effects, 2, 'each start found one thing to do')
    t.equal(master.rows.size, 2)
  }
})
