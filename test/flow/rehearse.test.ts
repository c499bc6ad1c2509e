import { gzipSync } from 'node:zlib'
import { status } from '@grpc/grpc-js'
import t from 'tap'
import type { Rehearsal } from '../../lib/rehearsal.ts'
import { openWorld, type Peer, type World } from '../helpers/master-world.ts'
import { changed } from '../helpers/rows.ts'
import { runCli } from '../helpers/run-cli.ts'

const REHEARSAL: Rehearsal = {
  outcomes: [changed('file:/etc/motd')],
  owed: [],
  held: { reason: 'too many leave', hint: 'look at them' },
  origins: { 'file:/etc/motd': 'web  roles/web/role.yaml:3' },
  effects: [
    {
      ...{ path: '/etc/motd', change: 'changed', kind: 'file', changes: [], sha256: 'ab' },
      ...{ by: 'file:/etc/motd', named: true, package: null },
      preview: { path: '/etc/motd', diff: '@@ -1 +1 @@\n-old\n+new', note: null, added: 1, removed: 1 },
    },
  ],
  ...{ more: 0, settings: [], scripts: {}, volatile: 3, bytes: 1000, ms: 5 },
  asked: [{ verb: 'restart', unit: 'web.service', by: 'file:/etc/motd' }],
}

type Answer = (request_id: string, kind: string, peer: Peer) => Promise<object>

/** An agent that answers orders over the real wire. */
async function openAgent({ connect, master, hosts }: World, name: string, answer: Answer) {
  const peer = connect('Agent', master.main, hosts.get(name)?.pair ?? null)
  const stream = peer.open('Follow')
  stream.write({ hello: { version: '1', now: Date.now() } })
  await stream.until(({ message }) => message === 'welcome')
  const serve = async () => {
    for (let served = 0; ; served += 1) {
      const nth = () => stream.values.filter(({ message }) => message === 'run')[served]
      await stream.until(() => nth() !== undefined)
      const { request_id, kind } = (nth() as { run: { request_id: string; kind: string } }).run
      stream.write({ progress: { request_id, done: 1, total: 2, resource: 'file:/x' } })
      stream.write({ finished: { request_id, ...(await answer(request_id, kind, peer)) } })
    }
  }
  serve().catch(() => undefined)
  return { peer, stream }
}

const sends =
  (body: Buffer): Answer =>
  async (request_id, _kind, peer) => {
    const half = Math.ceil(body.length / 2)
    const first = { request_id, data: body.subarray(0, half) }
    const { code, details } = await peer.call('PutRehearsal', first, { data: body.subarray(half) })
    if (code !== status.OK) throw new Error(details)
    return {}
  }

t.test('a rehearsal goes from a host to who asked for it, and stays nowhere', async (t) => {
  const world = await openWorld(t, { operators: { vera: 'viewer' } })
  const kinds: string[] = []
  await openAgent(world, 'a', (id, kind, peer) => {
    kinds.push(kind)
    return sends(gzipSync(JSON.stringify(REHEARSAL)))(id, kind, peer)
  })
  const drover = (...words: string[]) => runCli([...words, '--socket', world.settings.socket])

  const { code, out, err } = await drover('rehearse', 'a')
  t.equal(code, 2, err)
  t.same(kinds, ['RUN_KIND_REHEARSAL'])
  t.match(out, /^~ file:\/etc\/motd +web {2}roles\/web\/role.yaml:3\n {4}~ \/etc\/motd \+1 -1\n/)
  t.match(out, /^ +\+new\n {4}would restart web\.service$/m)
  t.match(out, /too many leave\nhint: look at them\n.*the host is as it was/)
  const json = JSON.parse((await drover('rehearse', 'a', '--json')).out)
  t.match(json, { version: '1.0', host: 'a', mode: 'rehearsal', effects: [{ path: '/etc/motd' }] })

  t.match(JSON.parse((await drover('runs', '--json')).out), { runs: [] }, 'it is no run')
  const audit = JSON.parse((await drover('audit', '--json')).out) as { audit: object[] }
  t.match(JSON.stringify(audit), /"Rehearse"/)
  const vera = world.connect('Operator', world.master.main, world.operators.get('vera') ?? null)
  t.equal((await vera.call('Rehearse', { host: 'a' })).code, status.PERMISSION_DENIED)
  t.match(await drover('rehearse', 'b'), { code: 1, err: /the host is not connected/ })
  t.match(await drover('rehearse', 'nobody'), { code: 1, err: /nobody/ })
})

t.test('what a host says of a rehearsal may be anything', async (t) => {
  const world = await openWorld(t)
  let answer: Answer = async () => ({})
  const { stream } = await openAgent(world, 'a', (...given) => answer(...given))
  const other = await openAgent(world, 'b', async () => ({}))
  const rehearse = () => runCli(['rehearse', 'a', '--socket', world.settings.socket])

  t.match(await rehearse(), { code: 1, err: /can rehearse nothing\n.*update drover on this host/ }, 'too old')

  answer = async () => ({ problem: { code: 'denied', reason: "a copy can't be made", hint: 'nest\nit' } })
  t.match(await rehearse(), { code: 1, err: /a: a copy can't be made/ }, 'the reason of the host')

  for (const body of [Buffer.from('no gzip'), gzipSync('{}'), gzipSync('{"effects":[{"path":7}]}')]) {
    answer = sends(body)
    t.match(await rehearse(), { code: 1, err: /rehearsal can't be read/ })
  }

  answer = async (request_id, kind, peer) => {
    const stolen = { request_id, data: gzipSync('{}') }
    t.equal((await other.peer.call('PutRehearsal', stolen)).code, status.NOT_FOUND, "not another's")
    t.equal((await peer.call('PutRehearsal', { data: Buffer.from('x') })).code, status.INVALID_ARGUMENT)
    const large = Array.from({ length: 9 }, () => ({ data: Buffer.alloc(500_000) }))
    const first = { request_id, data: Buffer.alloc(1) }
    t.equal((await peer.call('PutRehearsal', first, ...large)).code, status.RESOURCE_EXHAUSTED)
    return sends(gzipSync(JSON.stringify(REHEARSAL)))(request_id, kind, peer)
  }
  t.equal((await rehearse()).code, 2)

  answer = () => new Promise(() => undefined)
  const call = world.local.open('Rehearse')
  call.write({ host: 'a' })
  call.half()
  await call.until(({ event }) => event === 'progress')
  call.cancel()
  await stream.until(({ message }) => message === 'cancel')
  t.pass('nobody waits, so the host is told to stop')
})
