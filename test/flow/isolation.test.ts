import { randomUUID } from 'node:crypto'
import { status } from '@grpc/grpc-js'
import t from 'tap'
import { sha256 } from '../../lib/sha256.ts'
import { METHODS } from '../../master/serve/methods.ts'
import { type Ended, openWorld, type Peer } from '../helpers/master-world.ts'

const FACTS = Buffer.from(JSON.stringify({ os: { id: 'debian' }, marker: 'fact of b' }))
const BODY = Buffer.from(JSON.stringify({ outcomes: [], owed: [], marker: 'report of b' }))
const RUN = randomUUID()

/** All that came, as one text in which bytes are bytes. */
const textOf = ({ values, details }: Ended) =>
  `${details}${JSON.stringify(values, (_key, value) =>
    value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
  )}`

/** Follows until its catalog is there, and gives its hash and the content that it names. */
async function settle(agent: Peer): Promise<{ catalog: string; blobs: string[] }> {
  const stream = agent.open('Follow')
  stream.write({ hello: { version: '1', now: Date.now() } })
  await stream.until(({ message }) => message === 'welcome')
  await agent.call('PutFacts', { facts: FACTS })
  const named = ({ catalog, welcome }: Record<string, unknown>) =>
    ((catalog ?? (welcome as { catalog: unknown } | null)?.catalog) as { sha256: string } | null)?.sha256
  const catalog = named(await stream.until((value) => Boolean(named(value)))) ?? ''
  stream.cancel()
  const { values } = await agent.call('GetCatalog', {})
  const bytes = Buffer.concat(values.flatMap(({ data }) => (data ? [data as Buffer] : [])))
  return { catalog, blobs: Object.keys(JSON.parse(bytes.toString()).blobs) }
}

t.test('an agent gets no byte of another agent’s data over any method', async (t) => {
  const world = await openWorld(t)
  const [a, b] = ['a', 'b'].map((name) =>
    world.connect('Agent', world.master.main, world.hosts.get(name)?.pair ?? null),
  )
  if (a === undefined || b === undefined) throw new Error('two hosts')
  const [ofA, ofB] = [await settle(a), await settle(b)]
  const [own = ''] = ofA.blobs
  const [theirs = ''] = ofB.blobs
  const head = {
    run_id: RUN,
    kind: 'RUN_KIND_APPLY',
    trigger: 'RUN_TRIGGER_SWEEP',
    started_at: 1,
    body_sha256: sha256(BODY),
    body_bytes: BODY.length,
  }
  t.match(await b.call('PutReport', { head }, { data: BODY }), { code: status.OK })

  t.match(
    textOf(await a.call('GetBlob', { sha256: own })),
    'only a may read this',
    'its own is what it asks for',
  )
  const cases = [
    { what: "another's content", sha256: theirs, code: status.NOT_FOUND },
    { what: "another's catalog", sha256: ofB.catalog, code: status.NOT_FOUND },
    { what: "another's report", sha256: head.body_sha256, code: status.NOT_FOUND },
    { what: 'its own catalog, which is no content', sha256: ofA.catalog, code: status.NOT_FOUND },
    { what: 'what nobody has', sha256: 'a'.repeat(64), code: status.NOT_FOUND },
    { what: 'a path', sha256: '../../pki/root.key', code: status.INVALID_ARGUMENT },
    { what: 'upper case', sha256: own.toUpperCase(), code: status.INVALID_ARGUMENT },
    { what: 'a digit less', sha256: own.slice(1), code: status.INVALID_ARGUMENT },
    { what: 'behind the end', sha256: own, offset: 1e9, code: status.INVALID_ARGUMENT },
  ]
  const answers = new Set<string>()
  for (const { what, code, ...request } of cases) {
    const ended = await a.call('GetBlob', request)
    t.equal(ended.code, code, `row 55: ${what}`)
    t.strictSame(ended.values, [])
    if (code === status.NOT_FOUND) answers.add(ended.details)
  }
  t.equal(answers.size, 1, 'row 55: what is another’s and what does not exist are one answer')

  // Every method with everything in it that might name the other.
  const tries = [
    {},
    {
      name: 'b',
      host: 'b',
      run_id: RUN,
      known_sha256: ofB.catalog,
      sha256: theirs,
      selection: { all: true },
    },
    { head: { ...head, body_bytes: 0 }, hello: { catalog_sha256: ofB.catalog }, generation: 1 },
    { progress: { request_id: RUN }, finished: { request_id: RUN, run_id: RUN } },
  ]
  const hostId = world.hosts.get('b')?.id ?? ''
  const secrets = ['only b may', 'fact of b', 'report of b', ofB.catalog, theirs, hostId]
  const told = [...METHODS.values()].flatMap(({ service, name }) =>
    tries.map(async (request) => {
      const text = textOf(await a.as(service).call(name, request))
      return secrets
        .filter((secret) => text.includes(secret))
        .map((secret) => `${service}.${name}: ${secret}`)
    }),
  )
  t.strictSame((await Promise.all(told)).flat(), [], `${told.length} calls tell nothing of b`)
})
