import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { writeIdentity } from '../../agent/identity.ts'
import { fingerprint } from '../../lib/fingerprint.ts'
import { type Outcome, summarise } from '../../lib/outcome.ts'
import { sha256 } from '../../lib/sha256.ts'
import { openWorld, type Peer, type World } from '../helpers/master-world.ts'
import { changed, planned } from '../helpers/rows.ts'
import { runCli } from '../helpers/run-cli.ts'

/** A host with one file: as it should be, or not. It checks and applies when it is asked, over the real wire. */
async function openHost(world: World, name: string) {
  const pair = world.hosts.get(name)?.pair ?? null
  const peer = world.connect('Agent', world.master.main, pair)
  const stream = peer.open('Follow')
  stream.write({ hello: { version: '1', now: Date.now() } })
  await stream.until(({ message }) => message === 'welcome')
  let differs = true
  const answer = (order: { kind: string; fingerprint: string }): readonly Outcome[] | null => {
    const now = differs ? [planned('file:/etc/motd')] : []
    if (order.kind === 'RUN_KIND_CHECK') return now
    if (order.fingerprint !== '' && order.fingerprint !== fingerprint(name, now)) return null
    if (!differs) return []
    differs = false
    return [changed('file:/etc/motd')]
  }
  const serve = async () => {
    for (let served = 0; ; served += 1) {
      const nth = () => stream.values.filter(({ message }) => message === 'run')[served]
      await stream.until(() => nth() !== undefined)
      const { run } = nth() as { run: { request_id: string; kind: string; fingerprint: string } }
      const outcomes = answer(run)
      const came =
        outcomes === null
          ? { problem: { code: 'conflict', reason: 'the plan has moved', hint: 'look at a new plan' } }
          : { run_id: await report(peer, name, run, outcomes) }
      stream.write({ finished: { request_id: run.request_id, ...came } })
    }
  }
  serve().catch(() => undefined)
  return {
    editByHand: () => {
      differs = true
    },
    mend: () => {
      differs = false
    },
  }
}

async function report(
  peer: Peer,
  name: string,
  run: { request_id: string; kind: string },
  outcomes: readonly Outcome[],
): Promise<string> {
  const body = Buffer.from(JSON.stringify({ outcomes, owed: [] }))
  const counts = summarise(outcomes)
  const head = {
    run_id: randomUUID(),
    request_id: run.request_id,
    kind: run.kind,
    trigger: 'RUN_TRIGGER_REQUEST',
    started_at: Date.now(),
    fingerprint: counts.planned > 0 ? fingerprint(name, outcomes) : '',
    counts,
    body_sha256: sha256(body),
    body_bytes: body.length,
  }
  const { code, details } = await peer.call('PutReport', { head }, { data: body })
  if (code !== 0) throw new Error(details)
  return head.run_id
}

t.test('plan, apply of that plan, drift, and the way back, on a real master', async (t) => {
  const world = await openWorld(t)
  const hosts = { a: await openHost(world, 'a'), b: await openHost(world, 'b') }
  const drover = (...words: string[]) => runCli([...words, '--socket', world.settings.socket])

  t.match((await drover('hosts', '-o', 'name')).out, 'a\nb\n')
  const plan = await drover('plan', '--all')
  t.equal(plan.code, 2)
  t.match(plan.out, /a, b {2}\(2 hosts\)\n {2}~ file:\/etc\/motd/)
  t.match(plan.out, /^Plan: 2 hosts: 2 with changes; 2 to change/m)
  const [, seen = ''] = /apply --plan (\S+)/.exec(plan.out) ?? []

  hosts.b.mend()
  const applied = await drover('apply', '--plan', seen)
  t.equal(applied.code, 1, 'one of them has moved, and says so')
  t.match(applied.out, /^a\n {2}~ file:\/etc\/motd/)
  t.match(applied.out, /Not run:\n {2}! b: the plan has moved\n {4}hint: look at a new plan\n/)
  t.match(applied.out, /^Done: 2 hosts: 1 changed, 1 not run; 1 changed/m)

  t.match(await drover('plan', '--all'), { code: 0, out: /^Plan: 2 hosts: 2 in order/ })
  t.match(await drover('drift'), { code: 0 })
  hosts.a.editByHand()
  t.equal((await drover('plan', 'a')).code, 2)
  const drift = await drover('drift', 'a', '--json')
  t.match(JSON.parse(drift.out).drift, [{ host: 'a', resource: 'file:/etc/motd', since: /Z$/ }])
  t.match((await drover('hosts')).out, /^a +~ drifted/m)

  const runs = JSON.parse((await drover('runs', 'a', '--json')).out).runs
  const last = await drover('run', runs[0].id.slice(0, 13))
  t.match(last, { code: 0, out: /~ file:\/etc\/motd\n/ })
  t.match((await drover('history', 'a')).out, /file:\/etc\/motd +mode/)
  t.match((await drover('show', 'a')).out, /Differs\n {2}~ file:\/etc\/motd/)
  t.match((await drover('audit')).out, /local.* Run +.*ok\n/)
})

t.test('assign, pause and their audit, on a real master', async (t) => {
  const world = await openWorld(t)
  const drover = (...words: string[]) => runCli([...words, '--socket', world.settings.socket])
  const given = await drover('assign', 'a', 'b')
  t.match(given, { code: 0, out: /^a\n {2}a +hosts\.yaml:\d+\n\+ b +assigned by / })
  t.match(await drover('assign', 'a', 'bb'), { code: 1, err: /there is no such role/ })
  t.match(await drover('unassign', 'a', 'a'), { code: 0, err: /it has it from hosts\.yaml/ })
  t.match(await drover('unassign', 'a', 'b'), { code: 0, out: /- b\n/ })
  t.equal((await drover('pause', 'a', '--for', '2h', '--why', 'new disk')).code, 0)
  t.match(
    (await drover('show', 'a')).out,
    /mode +paused, ends in 1 h, by .*: new disk|mode +paused, ends in 2 h, by .*: new disk/,
  )
  t.equal((await drover('resume', 'a')).code, 0)
  t.match(await drover('plan', 'nobody'), { code: 1, err: /nobody: there is no such host/ })
  const said = JSON.parse((await drover('audit', '--json')).out).audit
  t.match(
    said
      .map(({ method }: { method: string }) => method)
      .sort()
      .join(),
    'Assign,Assign,Pause',
  )
  t.match(await drover('facts', 'a'), { code: 1, err: /no facts are known/ })
  const dir = dirname(world.settings.state)
  const file = join(dir, 'copy.db')
  t.match(await drover('backup', file), { code: 0, out: /whole/ })
  t.match(await runCli(['restore', file, '--state', join(dir, 'restored')]), {
    code: 0,
    out: /2 hosts/,
  })
  t.ok((await drover('doctor')).out.includes('✓ store'))
})

t.test('an operator who has joined needs no socket, and may do what the role says', async (t) => {
  const world = await openWorld(t, { operators: { vera: 'viewer' } })
  const home = t.testdir()
  const dir = join(home, '.config/drover/operator')
  mkdirSync(dir, { recursive: true })
  const { key, chain } = world.operators.get('vera') ?? { key: '', chain: '' }
  writeIdentity(dir, {
    name: 'vera',
    key,
    chain,
    roots: world.roots,
    generation: 1,
    // The first of them answers nothing.
    addresses: ['127.0.0.1:1', world.master.main],
    enrollment: [],
    ageIdentity: null,
  })
  const env = { HOME: home }
  t.equal((await runCli(['hosts', '-o', 'name'], { env })).out, 'a\nb\n')
  t.match(await runCli(['assign', 'a', 'b'], { env }), { code: 1, err: /^error: / })
  const elsewhere = { ...env, DROVER_SERVER: '127.0.0.1:1' }
  t.match(await runCli(['hosts'], { env: elsewhere }), {
    code: 1,
    err: /127\.0\.0\.1:1: the master does not answer: .*ECONNREFUSED/,
  })
})
