import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { status } from '@grpc/grpc-js'
import t, { type Test } from 'tap'
import { sha256 } from '../../lib/sha256.ts'
import { FLOODS, flood } from '../helpers/flood.ts'
import { openWorld, type Peer, type World } from '../helpers/master-world.ts'
import { type Pair, testAuthority } from '../helpers/pki.ts'
import { frame, RawPeer } from '../helpers/raw-peer.ts'

const json = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
/** A report that nothing is wrong with, but for what is given. */
function report(given: object = {}, body: Buffer = json({ outcomes: [], owed: [] })): object[] {
  const head = {
    run_id: randomUUID(),
    kind: 'RUN_KIND_APPLY',
    trigger: 'RUN_TRIGGER_SWEEP',
    started_at: Date.now() - 1000,
    duration_ms: 10,
    counts: { settled: 1, changed: 1 },
    body_sha256: sha256(body),
    body_bytes: body.length,
    ...given,
  }
  return [{ head }, { data: body }]
}

const world = await openWorld(t, { hosts: ['a', 'b', 'c', 'd', 'e', 'f'] })

const agentOf = ({ connect, master, hosts }: World, name: string) =>
  connect('Agent', master.main, hosts.get(name)?.pair ?? null)

function hostPair({ hosts }: World, name: string): Pair {
  const pair = hosts.get(name)?.pair
  if (pair === undefined) throw new Error(`no host ${name}`)
  return pair
}

const rawOf = (world: World, name: string) =>
  new RawPeer(world.master.main, hostPair(world, name), world.roots)

/** Who does no harm is answered as ever. */
async function unharmed(t: Test, honest: Peer): Promise<void> {
  t.equal((await honest.call('PutFacts', { facts: json({ os: { id: 'debian' } }) })).code, status.OK)
}

t.test('facts that are too much or none change nothing', async (t) => {
  const agent = agentOf(world, 'a')
  const known = json({ os: { id: 'debian' }, hostname: 'b', roles: ['b'] })
  t.equal((await agent.call('PutFacts', { facts: known })).code, status.OK)
  const cases = [
    { row: 48, what: 'a prototype', facts: '{"__proto__":{"x":1}}', code: status.INVALID_ARGUMENT },
    { row: 48, what: 'a constructor', facts: '{"constructor":{"x":1}}', code: status.INVALID_ARGUMENT },
    { row: 48, what: 'no map', facts: '[]', code: status.INVALID_ARGUMENT },
    {
      row: 48,
      what: 'ten thousand deep',
      facts: `${'['.repeat(1e4)}${']'.repeat(1e4)}`,
      code: status.INVALID_ARGUMENT,
    },
    {
      row: 48,
      what: 'many',
      facts: json(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [i, 1]))),
      code: status.RESOURCE_EXHAUSTED,
    },
  ]
  for (const { row, what, facts, code } of cases) {
    const ended = await agent.call('PutFacts', { facts: typeof facts === 'string' ? json(facts) : facts })
    t.equal(ended.code, code, `row ${row}: ${what}`)
  }
  const large = await agentOf(world, 'b').call('PutFacts', { facts: Buffer.alloc(2 * 1024 * 1024, 'x') })
  t.equal(large.code, status.RESOURCE_EXHAUSTED, 'row 48: a string of more than a message')
  t.equal(({} as { x?: unknown }).x, undefined)
  const shown = await world.local.call('GetFacts', { name: 'a' })
  t.strictSame(
    (shown.values[0] as { facts: Buffer }).facts,
    known,
    'rows 48 and 50: the facts before are kept',
  )
  const row = await world.local.call('GetHost', { name: 'a' })
  t.match(
    row.values[0],
    { host: { name: 'a', roles: [{ role: 'a' }] } },
    'row 50: facts make nobody another host',
  )
})

t.test('facts that would be orders elsewhere are kept to the byte', async (t) => {
  const facts = json({ a: "\u001b[31m\u009b\u202e<script>=cmd|{{7*7}}'; DROP TABLE hosts", b: '${{<%' })
  t.equal((await agentOf(world, 'c').call('PutFacts', { facts })).code, status.OK)
  const shown = await world.local.call('GetFacts', { name: 'c' })
  t.strictSame((shown.values[0] as { facts: Buffer }).facts, facts, 'row 49')
  const log = world.lines.join('')
  for (const one of ['\u001b', '\u009b', '\u202e']) t.notOk(log.includes(one), 'and reach no log')
})

t.test('a report is recorded once, as of the host that its certificate names', async (t) => {
  const agent = agentOf(world, 'a')
  const run_id = randomUUID()
  const later = Date.now() + 86_400_000
  const body = json({ outcomes: [], owed: [], host: 'b' })
  const once = report({ run_id, started_at: later }, body)
  t.match(await agent.call('PutReport', ...once), { code: status.OK, values: [{ already_recorded: false }] })
  t.match(
    await agent.call('PutReport', ...once),
    { code: status.OK, values: [{ already_recorded: true }] },
    'row 52',
  )
  const runs = await world.local.call('ListRuns', {})
  const rows = (runs.values[0] as { runs: { host: string; head: { started_at: number } }[] }).runs
  t.equal(rows.length, 1, 'row 52: one row')
  t.equal(rows[0]?.host, 'a', 'row 51: of its own host')
  t.ok((rows[0]?.head.started_at ?? later) <= Date.now(), 'row 51: and not of the future')

  const other = json({ outcomes: [], owed: [], other: true })
  const twice = await agent.call('PutReport', ...report({ run_id }, other))
  t.equal(twice.code, status.ALREADY_EXISTS, 'row 53')
  const stolen = await agentOf(world, 'b').call('PutReport', ...once)
  t.equal(stolen.code, status.ALREADY_EXISTS, 'row 53: the run of another host')
  const audit = await world.local.call('ListAudit', {})
  const alarms = (audit.values[0] as { rows: { actor: string; method: string; result: string }[] }).rows
  t.strictSame(
    alarms.filter(({ method }) => method === 'PutReport').map(({ actor, result }) => `${actor} ${result}`),
    ['b conflict', 'a conflict'],
    'row 53: each is an alarm',
  )
})

t.test('row 51: a report is of a catalog that the host has or had, and of no other', async (t) => {
  const catalogOf = async (name: string, other: string | null = null): Promise<string> => {
    const agent = agentOf(world, name)
    const stream = agent.open('Follow')
    stream.write({ hello: { version: '1', now: Date.now() } })
    await stream.until(({ message }) => message === 'welcome')
    await agent.call('PutFacts', { facts: json({ os: { id: 'debian' } }) })
    const shaOf = ({ catalog, welcome }: Record<string, unknown>) =>
      ((catalog ?? (welcome as { catalog: unknown } | null)?.catalog) as { sha256: string } | null)?.sha256
    const found = await stream.until((value) => ![undefined, '', other].includes(shaOf(value)))
    stream.cancel()
    return shaOf(found) ?? ''
  }
  const agent = agentOf(world, 'a')
  const put = (catalog_sha256: string) => agent.call('PutReport', ...report({ catalog_sha256 }))
  const [ofA, ofB] = [await catalogOf('a'), await catalogOf('b')]
  t.equal((await put(ofA)).code, status.OK)
  const [unknown, others] = [await put('f'.repeat(64)), await put(ofB)]
  t.match(unknown, { code: status.NOT_FOUND, details: /never had the catalog/ })
  t.equal(others.code, status.NOT_FOUND)
  t.equal(others.details, unknown.details, 'what is another’s and what does not exist are one answer')
  const { folder } = world.settings.site as { folder: string }
  writeFileSync(join(folder, 'roles/a/files/motd'), 'something else\n')
  t.not(await catalogOf('a', ofA), ofA)
  t.equal((await put(ofA)).code, status.OK, 'a late report of the catalog before')
  const runs = await world.local.call('ListRuns', { host: 'a' })
  const rows = (runs.values[0] as { runs: { head: { catalog_sha256: string } }[] }).runs
  t.strictSame(
    rows.map(({ head }) => head.catalog_sha256).filter((sha256) => sha256 !== ''),
    [ofA, ofA],
  )
})

t.test('a report that is none, or too much, is refused', async (t) => {
  const agent = agentOf(world, 'd')
  const body = json({ outcomes: [], owed: [] })
  const cases: { what: string; sent: object[]; code: status }[] = [
    { what: 'of 100 MB', sent: report({ body_bytes: 100e6 }), code: status.RESOURCE_EXHAUSTED },
    {
      what: 'a piece of 2 MiB',
      sent: [...report(), { data: Buffer.alloc(2 ** 21) }],
      code: status.RESOURCE_EXHAUSTED,
    },
    {
      what: 'longer than its head says',
      sent: [...report(), { data: Buffer.from('x') }],
      code: status.INVALID_ARGUMENT,
    },
    { what: 'shorter', sent: report().slice(0, 1), code: status.INVALID_ARGUMENT },
    { what: 'another body', sent: report({ body_sha256: 'a'.repeat(64) }), code: status.INVALID_ARGUMENT },
    { what: 'no body first', sent: [{ data: body }], code: status.INVALID_ARGUMENT },
    { what: 'two heads', sent: [...report().slice(0, 1), ...report()], code: status.INVALID_ARGUMENT },
    { what: 'nothing', sent: [], code: status.INVALID_ARGUMENT },
    { what: 'no id', sent: report({ run_id: '../../etc' }), code: status.INVALID_ARGUMENT },
    { what: 'before all time', sent: report({ started_at: -1 }), code: status.INVALID_ARGUMENT },
    { what: 'no kind', sent: report({ kind: 'RUN_KIND_UNSPECIFIED' }), code: status.INVALID_ARGUMENT },
    { what: 'a kind that is none', sent: report({ kind: 77 }), code: status.INVALID_ARGUMENT },
    { what: 'no JSON', sent: report({}, Buffer.from('{')), code: status.INVALID_ARGUMENT },
    {
      what: 'a million events',
      sent: report({}, json({ outcomes: Array(200_000).fill(0) })),
      code: status.INVALID_ARGUMENT,
    },
  ]
  for (const { what, sent, code } of cases)
    t.equal((await agent.call('PutReport', ...sent)).code, code, `row 54: ${what}`)
  const runs = await world.local.call('ListRuns', { host: 'd' })
  t.strictSame((runs.values[0] as { runs: unknown[] }).runs, [], 'none of them is recorded')
})

t.test('frames and headers that are no calls are refused, and harm nobody', async (t) => {
  const raw = rawOf(world, 'e')
  const empty = frame(Buffer.alloc(0))
  const facts = frame(Buffer.concat([Buffer.from([0x0a, 2]), Buffer.from('{}')]))
  const code = async (chunks: readonly Buffer[], headers = {}) =>
    Number((await raw.call('PutFacts', chunks, headers)).grpc)
  t.equal(await code([facts]), status.OK, 'an honest one')
  t.equal(
    await code([Buffer.from([0, 255, 255, 255, 255])]),
    status.RESOURCE_EXHAUSTED,
    'row 56: 4 GiB announced',
  )
  t.equal(await code([Buffer.from([0, 0, 0, 0, 9, 1])]), status.INVALID_ARGUMENT, 'row 57: cut short')
  t.equal(await code([Buffer.concat([facts, facts])]), status.INVALID_ARGUMENT, 'row 57: two messages')
  t.equal(await code([facts, facts]), status.INVALID_ARGUMENT, 'row 57: two messages, one after the other')
  t.equal(
    await code([frame(facts.subarray(5), 1)]),
    status.UNIMPLEMENTED,
    'row 58: a flag without an encoding',
  )
  t.equal(await code([facts], { 'grpc-encoding': 'zip' }), status.UNIMPLEMENTED, 'row 59')
  const bomb = frame(gzipSync(Buffer.alloc(50e6)), 1)
  t.equal(await code([bomb], { 'grpc-encoding': 'gzip' }), status.UNIMPLEMENTED, 'row 59: a bomb')
  const long = await raw.call('PutFacts', [facts], { 'x-long': 'a'.repeat(60_000) })
  t.equal(long.reset, 11, 'row 60: 60 kB of headers')
  t.equal(await code([facts], { 'x-long': 'a'.repeat(6000) }), status.OK, 'row 60: 6 kB are taken')
  t.equal(await code([facts], { 'grpc-timeout': 'abc' }), status.INVALID_ARGUMENT, 'row 61')
  t.equal(await code([facts], { 'grpc-timeout': '99999999H' }), status.OK, 'row 61: clamped')
  t.equal(
    (await raw.call('Nothing', [empty])).grpc,
    String(status.UNIMPLEMENTED),
    'row 62: an unknown method',
  )
  t.equal((await raw.call('PutFacts', [empty], { 'content-type': 'text/html' })).http, 415, 'row 62: no grpc')
  raw.close()
  t.notMatch(await http1(world), /drover|grpc|node/i, 'row 62: HTTP/1.1 learns nothing')
  await unharmed(t, agentOf(world, 'f'))
})

/** What somebody gets who speaks HTTP/1.1 to the port, without TLS. */
function http1({ master }: World): Promise<string> {
  const socket = connectTcp(Number(master.main.split(':')[1]), '127.0.0.1')
  let got = ''
  socket.on('data', (bytes) => {
    got += bytes
  })
  socket.on('error', () => undefined)
  socket.end('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  return new Promise((done) => socket.on('close', () => done(got)))
}

t.test('row 63: whoever floods is cut off for a minute, and nobody else is', async (t) => {
  let ahead = 0
  const hosts = ['pings', 'settings', 'resets', 'streams', 'honest']
  const world = await openWorld(t, { hosts, now: () => Date.now() + ahead })
  const honest = agentOf(world, 'honest')
  for (const kind of Object.keys(FLOODS) as (keyof typeof FLOODS)[]) {
    const pair = hostPair(world, kind)
    // The word that says why is lost where the peer is still sending.
    t.match(await flood(world.master.main, pair, world.roots, kind), /^(goaway (2|11)|hung up)$/, kind)
    t.match(
      world.lines.join(''),
      new RegExp(`floods.*agent/${world.hosts.get(kind)?.id}`),
      `${kind}: and it is said`,
    )
    await unharmed(t, honest)
    const refused = await agentOf(world, kind).call('PutFacts', { facts: json({}) })
    t.not(refused.code, status.OK, `${kind}: refused for a while`)
  }
  ahead = 61_000
  const back = await agentOf(world, 'pings').call('PutFacts', { facts: json({}) })
  t.equal(back.code, status.OK, 'a minute later it is let in')
})

t.test('row 64: a peer whose certificate or TLS is not right gets no answer at all', async (t) => {
  const { master, roots, serverPair, issue, connect, hosts } = world
  const other = await testAuthority('other')
  const id = hosts.get('a')?.id ?? ''
  const uri = [{ type: 'url' as const, value: `spiffe://x/agent/${id}` }]
  const pairs = {
    none: null,
    'of another authority': await other.issue({ names: uri }),
    'of another authority, for a server': await other.issue({ names: uri, use: 'server' }),
    "the master's own": serverPair,
    'of the past': await issue('agent', id, Date.now() - 120_000, 60_000),
    'of the future': await issue('agent', id, Date.now() + 3_600_000, 60_000),
  }
  for (const [what, pair] of Object.entries(pairs)) {
    const { code, details } = await connect('Agent', master.main, pair).call('PutFacts', { facts: json({}) })
    t.equal(code, status.UNAVAILABLE, what)
    t.notMatch(details, /expired|issuer|unable/i, `${what}: and is not told why`)
  }
  const own = hosts.get('a')?.pair
  const port = Number(master.main.split(':')[1])
  const tls = { port, host: '127.0.0.1', servername: 'localhost', ca: roots, key: own?.key, cert: own?.chain }
  const old = connectTls({ ...tls, maxVersion: 'TLSv1.2', ALPNProtocols: ['h2'] })
  t.match(await new Promise<Error>((done) => old.on('error', done)), { code: /SSL|ECONNRESET/ }, 'TLS 1.2')
  await unharmed(t, agentOf(world, 'f'))
})
