import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { VOLATILE_TIMES, VOLATILE_WITHIN_MS } from '../../lib/limits.ts'
import { openCatalogs } from '../../master/catalogs/catalogs.ts'
import type { CatalogStore, HostCatalog } from '../../master/catalogs/host-catalog.ts'
import type { Facts } from '../../master/compile/compile.ts'
import { openPool } from '../../master/compile/pool.ts'
import { type Files, writeSite } from './write-site.ts'

const FACTS: Facts = { os: { id: 'debian', codename: 'bookworm' } }
const SITE: Files = {
  'hosts.yaml': 'hosts: { a: { roles: [one] }, b: { roles: [two] }, c: { roles: [sees] } }\n',
  'roles/one/role.yaml':
    'resources:\n  - file: /etc/one\n    content: "{{ data.greeting }}"\nexports: { x: "{{ facts.os.id }}" }\n',
  'roles/two/role.yaml': 'resources:\n  - package: nano\n',
  'roles/sees/role.yaml':
    "resources:\n  - file: /etc/all\n    content: \"{{ hosts|map(attribute='name')|join }} {{ hosts[0].exports.x|default('-') }}\"\n",
  'data/common.yaml': 'greeting: hello\n',
}

/** What is kept stays when catalogs are opened again. */
function memoryStore() {
  const rows = new Map<string, HostCatalog>()
  const bodies = new Map<string, Buffer>()
  const puts: string[] = []
  const store: CatalogStore = {
    all: async () => [...rows.values()],
    async put(row, made) {
      for (const [sha256, bytes] of made?.blobs ?? []) bodies.set(sha256, bytes)
      if (made && row.sha256 !== null) bodies.set(row.sha256, made.bytes)
      const missing = row.blobs.find((one) => !bodies.has(one))
      if (missing !== undefined) throw new Error(`blob ${missing} is not there`)
      rows.set(row.host, row)
      puts.push(row.host)
    },
    bytes: async (sha256) => bodies.get(sha256) ?? null,
    async confirm(hosts, commit) {
      for (const host of hosts) {
        const row = rows.get(host)
        if (row === undefined) throw new Error(`${host} has nothing that could be right`)
        rows.set(host, { ...row, commit, problem: null })
      }
    },
  }
  return { store, rows, bodies, puts }
}

async function opened(
  t: Test,
  kept = memoryStore(),
  facts: ReadonlyMap<string, Facts> = new Map(['a', 'b', 'c'].map((host) => [host, FACTS])),
) {
  const clock = { now: 1_000_000 }
  const changed: string[] = []
  const faults: unknown[] = []
  const learnt: string[][] = []
  const catalogs = await openCatalogs({
    openPool() {
      const pool = openPool(Math.min(2, availableParallelism()), { version: '1' })
      const learn: typeof pool.learn = (news) => {
        learnt.push(news.facts.map(([host]) => host))
        return pool.learn(news)
      }
      return { ...pool, learn }
    },
    store: kept.store,
    facts,
    assigned: new Map(),
    now: () => clock.now,
    changed: (host) => changed.push(host),
    fault: (error) => faults.push(error),
  })
  t.teardown(() => catalogs.close())
  return { catalogs, clock, changed, faults, learnt, kept, news: () => changed.splice(0).sort() }
}

const site = (t: Test, files: Files = SITE) => ({ dir: writeSite(t.testdir(), files), commit: 'c1' })
const edit = (dir: string, path: string, text: string) => writeFileSync(join(dir, path), text)

t.test('a revision compiles the hosts that read what it changed, and no other', async (t) => {
  const { catalogs, news, kept } = await opened(t)
  const { dir } = site(t)
  t.match(await catalogs.siteChanged({ dir, commit: 'c1' }), { good: true })
  t.strictSame(news(), ['a', 'b', 'c'])
  edit(dir, 'data/common.yaml', 'greeting: good day\n')
  await catalogs.siteChanged({ dir, commit: 'c2' })
  t.strictSame(news(), ['a'], 'one host reads that key')
  t.equal(catalogs.current('b')?.commit, 'c2', 'the others are right at the new commit too')
  t.match(kept.bodies.get(catalogs.current('a')?.blobs[0] ?? '')?.toString(), 'good day')
  await catalogs.siteChanged({ dir, commit: 'c2' })
  t.strictSame(news(), [])
})

t.test('a revision that does not read changes nothing', async (t) => {
  const { catalogs, news } = await opened(t)
  const { dir } = site(t)
  await catalogs.siteChanged({ dir, commit: 'c1' })
  news()
  const before = catalogs.current('a')
  edit(dir, 'roles/one/role.yaml', 'resources: [ {pacakge: x} ]\n  bad')
  const verdict = await catalogs.siteChanged({ dir, commit: 'c2' })
  t.equal(verdict.good, false)
  t.match(verdict.problems[0], /^roles\/one\/role\.yaml:\d+:\d+ E_/)
  t.strictSame(news(), [])
  t.strictSame(catalogs.current('a'), before)
  await catalogs.factsChanged('a', { os: { id: 'devuan', codename: 'x' } })
  t.strictSame(news(), ['a', 'c'], 'new facts are compiled with the last good site')
})

t.test('a host that does not compile keeps its last good catalog, and the others go on', async (t) => {
  const { catalogs, news } = await opened(t)
  const { dir } = site(t)
  await catalogs.siteChanged({ dir, commit: 'c1' })
  news()
  const before = catalogs.current('a')
  edit(dir, 'roles/two/role.yaml', 'resources:\n  - package: vim\n')
  edit(dir, 'data/common.yaml', 'greting: typo\n')
  t.match(await catalogs.siteChanged({ dir, commit: 'c2' }), { good: true })
  t.strictSame(news(), ['b'])
  t.equal(catalogs.current('a')?.sha256, before?.sha256)
  t.match(catalogs.current('a')?.problem, /role\.yaml:3:\d+ E_UNDEFINED/)
  edit(dir, 'data/common.yaml', 'greeting: hello\n')
  await catalogs.siteChanged({ dir, commit: 'c3' })
  t.equal(catalogs.current('a')?.problem, null)
  t.equal(catalogs.current('a')?.sha256, before?.sha256)
})

t.test('facts and assigned roles recompile their host, and who looks at it', async (t) => {
  const { catalogs, news } = await opened(t)
  await catalogs.siteChanged(site(t))
  news()
  await catalogs.assignmentsChanged('b', ['one'])
  t.strictSame(news(), ['b'])
  await catalogs.factsChanged('a', { os: { id: 'devuan' } })
  t.strictSame(news(), ['a', 'c'], 'what a exports is another thing, and c reads it')
})

t.test('a host waits for its facts', async (t) => {
  const { catalogs, news } = await opened(t, memoryStore(), new Map())
  await catalogs.siteChanged(site(t))
  t.strictSame(news(), [])
  await catalogs.factsChanged('b', FACTS)
  t.strictSame(news(), ['b'])
})

t.test('what was compiled before a restart is not compiled again', async (t) => {
  const kept = memoryStore()
  const first = await opened(t, kept)
  const { dir } = site(t)
  await first.catalogs.siteChanged({ dir, commit: 'c1' })
  await first.catalogs.close()
  const second = await opened(t, kept)
  t.ok(second.catalogs.current('a')?.sha256, 'it is served before the site is read')
  const puts = kept.puts.length
  await second.catalogs.siteChanged({ dir, commit: 'c1' })
  t.strictSame([second.news(), kept.puts.length], [[], puts])
})

t.test('a body that is no longer kept is made again', async (t) => {
  const { catalogs, kept, faults } = await opened(t)
  const { dir } = site(t)
  await catalogs.siteChanged({ dir, commit: 'c1' })
  const hello = catalogs.current('a')?.blobs[0] ?? ''
  edit(dir, 'data/common.yaml', 'greeting: 2\n')
  await catalogs.siteChanged({ dir, commit: 'c2' })
  t.ok(kept.bodies.delete(hello))
  edit(dir, 'data/common.yaml', 'greeting: hello\n')
  await catalogs.siteChanged({ dir, commit: 'c3' })
  t.equal(faults.length, 1)
  t.match(kept.bodies.get(catalogs.current('a')?.blobs[0] ?? '')?.toString(), 'hello')
})

t.test('a host that the site declares no more keeps its catalog, and it is said', async (t) => {
  const { catalogs } = await opened(t)
  const { dir } = site(t)
  await catalogs.siteChanged({ dir, commit: 'c1' })
  edit(dir, 'hosts.yaml', 'hosts: { a: { roles: [one] }, c: { roles: [sees] } }\n')
  await catalogs.siteChanged({ dir, commit: 'c2' })
  t.match(catalogs.current('b'), { sha256: /^[0-9a-f]{64}$/, problem: /no more/ })
})

t.test('facts that come while others are compiled are taken up together', async (t) => {
  const { catalogs, learnt, news } = await opened(t)
  await catalogs.siteChanged(site(t))
  news()
  learnt.splice(0)
  const devuan: Facts = { os: { id: 'devuan', codename: 'x' } }
  await Promise.all(['a', 'b', 'c', 'a'].map((host) => catalogs.factsChanged(host, devuan)))
  t.strictSame(learnt, [['a', 'b', 'c']])
  t.strictSame(news(), ['a', 'c'], 'what b is made of reads nothing of them')
  await catalogs.factsChanged('a', FACTS)
  t.strictSame(learnt, [['a', 'b', 'c'], ['a']], 'what comes later has a turn of its own')
  t.strictSame(news(), ['a', 'c'])
})

t.test('a catalog that would take back too much does not take the place of the one before', async (t) => {
  const { catalogs, news, kept } = await opened(t)
  const { dir } = site(t)
  const packages = (n: number) =>
    `resources:\n  - package: [${Array.from({ length: n }, (_, i) => `p${i}`).join(', ')}]\n`
  const more = '  - file: /etc/more\n    content: more\n'
  edit(dir, 'roles/two/role.yaml', packages(150))
  await catalogs.siteChanged({ dir, commit: 'c1' })
  news()
  const before = catalogs.current('b')
  edit(dir, 'roles/two/role.yaml', packages(49) + more)
  await catalogs.siteChanged({ dir, commit: 'c2' })
  t.strictSame(news(), [])
  t.match(catalogs.current('b'), {
    sha256: before?.sha256,
    problem: /take back 101 of 150 .* at most 100 .*removals_per_host/,
  })
  edit(dir, 'roles/two/role.yaml', 'resources: []\n')
  await catalogs.siteChanged({ dir, commit: 'c3' })
  t.match(catalogs.current('b'), { sha256: before?.sha256, problem: /is empty, though the host has roles/ })

  // A master that was started anew knows as well.
  const again = await opened(t, kept)
  await again.catalogs.siteChanged({ dir, commit: 'c3' })
  t.match(again.catalogs.current('b'), { sha256: before?.sha256, problem: /is empty/ })
  edit(dir, 'roles/two/role.yaml', packages(49) + more)
  await again.catalogs.siteChanged({ dir, commit: 'c4' })
  t.match(again.catalogs.current('b'), { problem: /101 of 150/ })
  edit(dir, 'drover.yaml', 'name: test\nlimits: { removals_per_host: 101 }\n')
  await again.catalogs.siteChanged({ dir, commit: 'c5' })
  t.match(again.catalogs.current('b'), { problem: null, commit: 'c5' })
  t.equal(kept.bodies.get(again.catalogs.current('b')?.blobs[0] ?? '')?.toString(), 'more')
})

t.test('a host whose catalog changes again and again because of facts is named with them', async (t) => {
  const factsAt = (address: string): Facts => ({
    ...{ ...FACTS, kernel: { release: address }, network: { ipv4: [address], mtu: 1 } },
  })
  const first = new Map(['a', 'b', 'c'].map((host) => [host, factsAt('192.0.2.1')]))
  const { catalogs, clock } = await opened(t, memoryStore(), first)
  const role = (text: string) => `resources:\n  - file: /etc/one\n    content: "${text}"\n  - package: nano\n`
  const { dir } = site(t, {
    'hosts.yaml': 'hosts: { a: { roles: [one] }, b: { roles: [two] }, c: { roles: [sees] } }\n',
    'roles/one/role.yaml': `${role('{{ facts.network.ipv4|join }}')}exports: { x: "{{ facts.network.ipv4[0] }}" }\n`,
    'roles/two/role.yaml': 'resources:\n  - package: nano\n',
    'roles/sees/role.yaml':
      'resources:\n  - file: /etc/all\n    content: "{{ hosts[0].exports.x|default(\'-\') }}"\n',
  })
  await catalogs.siteChanged({ dir, commit: 'c1' })
  const tell = (host: string, address: string) => catalogs.factsChanged(host, factsAt(address))
  for (let i = 0; i < VOLATILE_TIMES; i += 1) {
    t.same(catalogs.volatile(), [], `after ${i} changes`)
    clock.now += 1000
    await tell('a', i % 2 ? '192.0.2.1' : '192.0.2.2')
    await tell('b', i % 2 ? '192.0.2.1' : '192.0.2.2')
  }
  t.same(
    catalogs.volatile().map(({ host, facts, resources }) => ({ host, facts, resources })),
    [
      { host: 'a', facts: ['facts.network.ipv4'], resources: ['file:/etc/one'] },
      {
        host: 'c',
        facts: ['facts.kernel.release of a', 'facts.network.ipv4 of a'],
        resources: ['file:/etc/all'],
      },
    ],
    'those that read what flaps, and no fact that they do not read; of others, what changed there',
  )
  clock.now += VOLATILE_WITHIN_MS
  t.same(catalogs.volatile(), [], 'it is over when it was calm for long enough')
  clock.now -= VOLATILE_WITHIN_MS
  edit(dir, 'roles/one/role.yaml', role('{{ facts.os.id }}'))
  await catalogs.siteChanged({ dir, commit: 'c2' })
  t.same(
    catalogs.volatile().map(({ host }) => host),
    [],
    'or when the site is another one',
  )
})
