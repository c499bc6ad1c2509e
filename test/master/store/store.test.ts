import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { sql } from 'kysely'
import t from 'tap'
import { MAX_WAL_BYTES } from '../../../lib/limits.ts'
import { sha256 } from '../../../lib/sha256.ts'
import { assertLocal } from '../../../master/store/open-file.ts'
import { Reader } from '../../../master/store/reader.ts'
import { restoreStore } from '../../../master/store/restore.ts'
import { KEEP } from '../../../master/store/retention.ts'
import { connect } from '../../../master/store/sqlite.ts'
import { openStore } from '../../../master/store/store.ts'
import { certificateOf, changed, DAY_MS, idOf, join1, makeStore, NOW, planned, report } from './make-store.ts'

const everything = { since: 0, until: Number.MAX_SAFE_INTEGER, limit: 100_000 }

t.test('only the master may read the files of the store', async (t) => {
  const { path } = await makeStore(t)
  for (const end of ['', '-wal', '-shm']) t.equal(statSync(`${path}${end}`).mode & 0o777, 0o600, end)
})

t.test('each connection has the settings that keep data safe, and only reads where it should', async (t) => {
  const { path } = await makeStore(t)
  const safe = {
    journal_mode: 'wal',
    synchronous: 2,
    foreign_keys: 1,
    trusted_schema: 0,
    cell_size_check: 1,
    timeout: 5000,
    wal_autocheckpoint: 1000,
  }
  for (const use of ['write', 'read', 'keep'] as const) {
    const connection = connect(path, use)
    const query = (name: string) => sql.raw(`pragma ${name}`).execute(connection.db)
    for (const [name, value] of Object.entries(safe)) {
      const { rows } = await query(name === 'timeout' ? 'busy_timeout' : name)
      t.match(rows, [{ [name]: value }], `${use} ${name}`)
    }
    const write = sql`delete from hosts`.execute(connection.db)
    if (use === 'read') await t.rejects(write, /readonly|read-only|query_only/)
    else await write
    connection.close()
  }
})

t.test('a damaged file is refused, with what to do', async (t) => {
  const store = await makeStore(t)
  const host = await join1(store)
  const many = Array.from({ length: 300 }, (_, i) => changed(`file:/a${i}`))
  await store.runs.record(report(host, 'one', many))
  await store.close()
  const bytes = readFileSync(store.path)
  // Each page but the first, which tells what the file is, and one of them flipped at a time.
  let refused = 0
  const pages = bytes.length / 4096
  for (let page = 1; page < pages; page += 5) {
    const flipped = Buffer.from(bytes)
    for (let at = page * 4096; at < page * 4096 + 64; at++) flipped[at] = (flipped[at] ?? 0) ^ 0xff
    writeFileSync(store.path, flipped)
    const opened = await openStore(store.path, () => NOW).catch((error: unknown) => error)
    if (opened instanceof Error) {
      refused += 1
      t.match(opened, { code: 'internal', message: /damaged/, hint: /drover restore/ }, `page ${page}`)
    } else await (opened as Awaited<ReturnType<typeof openStore>>).close()
  }
  t.ok(refused > pages / 5 / 2, `${refused} of ${Math.ceil((pages - 1) / 5)} were refused`)
  writeFileSync(store.path, 'this is no database at all, whatever else it may be'.repeat(100))
  await t.rejects(
    openStore(store.path, () => NOW),
    { code: 'internal', hint: /restore/ },
  )
})

t.test('a log that is damaged, cut short or gone loses what came last, or is refused', async (t) => {
  const store = await makeStore(t)
  const host = await join1(store)
  await store.close()
  const again = await openStore(store.path, () => NOW)
  const names = [...'abcdefgh']
  for (const name of names) await again.runs.record(report(host, name, [changed('file:/a')]))
  const [file, log] = [readFileSync(store.path), readFileSync(`${store.path}-wal`)]
  await again.close()
  const cut = [1, 3, 4].map((part) => log.subarray(0, Math.floor((part * log.length) / 5)))
  const flipped = cut.map(({ length }) => {
    const bytes = Buffer.from(log)
    bytes[length] = (bytes[length] ?? 0) ^ 0xff
    return bytes
  })
  const kept: number[] = []
  for (const left of [null, ...cut, ...flipped]) {
    writeFileSync(store.path, file)
    rmSync(`${store.path}-shm`, { force: true })
    if (left === null) rmSync(`${store.path}-wal`, { force: true })
    else writeFileSync(`${store.path}-wal`, left)
    const opened = await openStore(store.path, () => NOW)
    const found = await Promise.all(names.map((name) => opened.runs.get(idOf(name))))
    const there = names.filter((_, i) => found[i] !== undefined)
    t.same(there, names.slice(0, there.length), `${left?.length ?? 'no'} bytes`)
    t.same(await opened.integrity(), [])
    t.match(await opened.hosts.get(host), { name: 'web1' })
    kept.push(there.length)
    await opened.close()
  }
  t.ok(new Set(kept).size > 2, `of ${names.length} were left: ${kept}`)
})

t.test('the database of something else is left alone', async (t) => {
  const path = join(t.testdir(), 'other.db')
  new Database(path).exec('create table songs (title text)').close()
  await t.rejects(
    openStore(path, () => NOW),
    { code: 'conflict', message: /"songs"/ },
  )
})

t.test('a disk that other machines share is refused', async (t) => {
  t.throws(() => assertLocal('/mnt/master.db', 0x6969), { code: 'unavailable', message: /NFS/ })
  t.doesNotThrow(() => assertLocal('/var/lib/master.db', 0xef53))
})

t.test('a read that takes too long ends, and the next one is answered', async (t) => {
  const store = await makeStore(t)
  const host = await join1(store)
  const many = Array.from({ length: 20_000 }, (_, i) => changed(`file:/a${i}`))
  await store.runs.record(report(host, 'one', many))
  const reader = await Reader.start(store.path, 25)
  t.teardown(() => reader.close())
  const reads = [1, 2, 3].map(() => reader.call('runs', 'changes', [{ ...everything, hostId: host }]))
  for (const read of await Promise.allSettled(reads))
    t.match(read, { status: 'rejected', reason: { code: 'timeout' } })
  // A busy machine may need more than one try.
  const ask = (): Promise<unknown> => reader.call('hosts', 'get', [host]).catch(ask)
  t.match(await ask(), { name: 'web1' })
})

t.test('a log that a reader keeps from shrinking is told, and shrinks when the reader ends', async (t) => {
  const store = await makeStore(t)
  await join1(store)
  const reader = new Database(store.path)
  reader.exec('begin; select * from hosts')
  reader.prepare('select * from hosts').all()
  for (let i = 0; !store.size().isLogTooLarge; i++)
    await store.bodies.put({ bytes: new Uint8Array(4 * 1024 * 1024).fill(i), at: NOW })
  t.ok(store.size().logBytes > MAX_WAL_BYTES)
  reader.exec('commit')
  reader.close()
  while (store.size().isLogTooLarge) await setTimeout(20)
  t.ok(store.size().logBytes < 8 * 1024 * 1024)
})

t.test('an invitation lets one in, whoever comes at the same time', async (t) => {
  const store = await makeStore(t)
  const invite = {
    id: 'i1',
    kind: 'host' as const,
    name: 'web1',
    roles: '["web","base"]',
    join_public_key: new Uint8Array([1, 2]),
    replaces: 0,
    created_at: NOW,
    created_by: 'anna',
    expires_at: NOW + 1000,
  }
  t.equal(await store.invites.add(invite), true)
  t.equal(await store.invites.add(invite), false)
  const use = (key: string) => ({
    id: 'i1',
    keySha256: key,
    at: NOW,
    hostId: idOf(key),
    ageRecipient: 'age1',
    certificate: certificateOf(key),
  })
  const answers = await Promise.all(['a', 'b', 'c'].map((key) => store.invites.redeemHost(use(key))))
  t.same(answers.map(({ result }) => result).sort(), ['spent', 'spent', 'used'])
  t.equal((await store.hosts.list()).length, 1)
  t.same((await store.assignments.of('web1')).map(({ role }) => role).sort(), ['base', 'web'])
  const [shown] = await store.hosts.list()
  const host = await store.hosts.get(shown?.id ?? '')
  const again = await store.invites.redeemHost(use(host?.public_key_sha256 ?? ''))
  t.match(again, { result: 'again', hostId: host?.id })
  const late = { ...use('d'), at: NOW + 1000 }
  t.match(await store.invites.redeemHost(late), { result: 'expired' })
})

t.test('the host of a name is the first of the list that has it, whatever the others were', async (t) => {
  const store = await makeStore(t)
  for (const [name, lives] of Object.entries({ one: 1, two: 2, gone: 1, twice: 2 })) {
    for (let life = 0; life < lives; life += 1) {
      const id = await join1(store, name, NOW + life)
      if (life < lives - 1 || ['gone', 'twice'].includes(name))
        await store.hosts.revoke({ id, reason: 'old', at: NOW + life })
    }
  }
  const all = await store.hosts.list()
  t.equal(all.length, 6)
  for (const name of ['one', 'two', 'gone', 'twice', 'never'])
    t.strictSame(
      await store.hosts.shown(name),
      all.find((host) => host.name === name),
      name,
    )
  t.equal((await store.hosts.shown('two'))?.state, 'active')
  t.notOk('certificate_chain' in (all[0] ?? {}))
  t.strictSame((await store.hosts.names()).map(({ id }) => id).sort(), all.map(({ id }) => id).sort())
})

t.test('what is not needed any more is forgotten in time, and nothing else', async (t) => {
  let now = NOW
  const store = await makeStore(t, { now: () => now })
  const host = await join1(store)
  const text = (words: string) => new TextEncoder().encode(words)
  await store.facts.put({ hostId: host, facts: text('{"a":1}'), at: NOW })
  await store.facts.put({ hostId: host, facts: text('{"a":2}'), at: NOW + DAY_MS })
  await store.catalogs.put({
    host: 'web1',
    bytes: text('catalog'),
    commit: 'c1',
    inputsDigest: 'd',
    blobs: [],
    at: NOW,
  })
  const first = (await store.catalogs.get('web1'))?.sha256 ?? ''
  await store.catalogs.confirm({ hosts: ['web1'], commit: 'c2' })
  t.equal(await store.catalogs.past({ host: 'web1', sha256: first }), undefined, 'it is the one of now')
  await store.catalogs.put({
    host: 'web1',
    bytes: text('another'),
    commit: 'c3',
    inputsDigest: 'e',
    blobs: [],
    at: NOW + 1,
  })
  const past = { commit: 'c2', replaced_at: NOW + 1 }
  t.match(await store.catalogs.past({ host: 'web1', sha256: first }), past, 'as it was when it was replaced')
  t.equal(await store.catalogs.past({ host: 'web2', sha256: first }), undefined)
  const asked = { host_id: host, request_id: 'r1', requested_by: 'anna', requested_at: NOW }
  await store.requests.add(asked)
  const one = report(host, 'one', [changed('file:/a'), planned('file:/b')])
  await store.runs.record(one)
  await store.runs.record(report(host, 'none', [planned('file:/b')], { at: NOW + 1 }))
  await store.runs.record(report(host, 'quiet', [], { at: NOW + 2 }))
  const entry = { at: NOW, actor: 'anna', method: 'Assign', subject: 'web1', detail: '{}', result: 'ok' }
  for (let i = 0; i < 3; i++) await store.audit.append({ ...entry, at: NOW + i * 800 * DAY_MS })
  t.same(await store.retain(), { rows: 0 })

  now = NOW + 8 * DAY_MS
  await store.retain()
  t.equal(await store.runs.get(idOf('quiet')), undefined, 'a quiet run is in the counter alone')
  t.match(await store.runs.counts({ hostId: host, limit: 9 }), [{ runs: 1 }])
  t.match(await store.requests.get({ hostId: host, requestId: 'r1' }), asked)

  now = NOW + KEEP.bodiesMs + 2 * DAY_MS
  await store.retain()
  t.equal(await store.bodies.get(one.head.body_sha256), undefined)
  t.equal(await store.requests.get({ hostId: host, requestId: 'r1' }), undefined)
  t.ok(await store.runs.get(idOf('one')))
  t.equal((await store.runs.changes({ ...everything, hostId: host })).length, 1)
  t.match(await store.catalogs.past({ host: 'web1', sha256: first }), past, 'a late report is known by it')
  const catalog = await store.catalogs.get('web1')
  t.ok(await store.bodies.get(catalog?.sha256 ?? ''), 'what a catalog is made of stays')

  now = NOW + KEEP.changesMs + 3 * DAY_MS
  await store.retain()
  t.same(await store.runs.list({ limit: 9 }), [])
  t.same(await store.runs.changes({ ...everything, hostId: host }), [])
  t.equal(await store.catalogs.past({ host: 'web1', sha256: first }), undefined)
  t.match(await store.facts.history(host), [{ since: NOW + DAY_MS }], 'the facts that are so now stay')
  t.ok(await store.bodies.get(catalog?.sha256 ?? ''))

  now = NOW + KEEP.auditMs + 2 * DAY_MS
  await store.retain()
  t.equal((await store.audit.list({ since: 0, limit: 9 })).length, 2)
  t.same(await store.integrity(), [], 'the rest of the audit still holds together')
})

t.test('what was replaced stays a while from then on, however old it is', async (t) => {
  let now = NOW
  const store = await makeStore(t, { now: () => now })
  const text = (words: string) => new TextEncoder().encode(words)
  const put = (words: string) =>
    store.catalogs.put({
      host: 'web1',
      bytes: text(`catalog of ${words}`),
      commit: 'c1',
      inputsDigest: words,
      blobs: [{ sha256: sha256(text(words)), bytes: text(words) }],
      at: now,
    })
  await put('one')
  const olds = [sha256(text('one')), sha256(text('catalog of one'))]
  now += KEEP.bodiesMs * 3
  await put('two')
  await store.retain()
  for (const hash of olds) t.ok(await store.bodies.get(hash))
  now += KEEP.bodiesMs + DAY_MS
  await store.retain()
  for (const hash of olds) t.equal(await store.bodies.get(hash), undefined)
})

t.test('who asks for the last check has the database read once, and hears when that was', async (t) => {
  let now = NOW
  const store = await makeStore(t, { path: join(t.testdir(), 'check.db'), now: () => now })
  const entry = { at: NOW, actor: 'anna', method: 'Assign', subject: 'web1', detail: '{}', result: 'ok' }
  for (let i = 0; i < 4; i++) await store.audit.append(entry)
  t.same(await store.lastCheck(), { at: NOW, problems: [] })
  now += 1000
  new Database(store.path).exec('delete from audit where id = 2').close()
  t.same(await store.lastCheck(), { at: NOW, problems: [] }, 'nothing is read anew')
  await store.integrity()
  t.match(await store.lastCheck(), { at: NOW + 1000, problems: [/audit row/] })
})

t.test('an audit row that is changed or taken away shows', async (t) => {
  const tamper = ["update audit set actor = 'nobody' where id = 2", 'delete from audit where id = 2']
  for (const words of tamper) {
    const store = await makeStore(t, { path: join(t.testdir(), 'audit.db') })
    const entry = { at: NOW, actor: 'anna', method: 'Assign', subject: 'web1', detail: '{}', result: 'ok' }
    for (let i = 0; i < 4; i++) await store.audit.append(entry)
    t.same(await store.integrity(), [])
    new Database(store.path).exec(words).close()
    t.match(await store.integrity(), [/audit row/])
    await store.close()
  }
})

t.test('a backup is restored where there is no store, and nowhere else', async (t) => {
  const dir = t.testdir()
  const store = await makeStore(t, { path: join(dir, 'store.db') })
  const host = await join1(store)
  await store.runs.record(report(host, 'one', [changed('file:/a')]))
  const copy = join(dir, 'copy.db')
  const { sha256 } = await store.backup(copy)
  writeFileSync(`${copy}.sha256`, `${sha256}  copy.db\n`)
  const state = join(dir, 'anew')
  t.match(await restoreStore(copy, state), { hosts: 1, runs: 1, newestAt: NOW })
  t.equal(statSync(join(state, 'master.db')).mode & 0o777, 0o600)
  await t.rejects(restoreStore(copy, state), { code: 'conflict', message: /already/ })
  const restored = await makeStore(t, { path: join(state, 'master.db') })
  t.match(await restored.runs.list({ limit: 9 }), [{ run_id: idOf('one') }])

  const bytes = readFileSync(copy)
  const elsewhere = join(dir, 'elsewhere')
  bytes.fill(0xff, 5 * 4096, 6 * 4096)
  writeFileSync(copy, bytes)
  await t.rejects(restoreStore(copy, elsewhere), { code: 'invalid', message: /sha256/ })
  writeFileSync(`${copy}.sha256`, '')
  writeFileSync(join(dir, 'bad.db'), bytes)
  await t.rejects(restoreStore(join(dir, 'bad.db'), elsewhere), {
    code: 'invalid',
    hint: /nothing was restored/,
  })
  t.notOk(statSync(join(elsewhere, 'master.db'), { throwIfNoEntry: false }))
  t.notOk(statSync(join(elsewhere, 'master.db.restoring'), { throwIfNoEntry: false }))
})

t.test('a host may read what its catalog names now, and no more what it named before', async (t) => {
  const store = await makeStore(t)
  const text = (words: string) => new TextEncoder().encode(words)
  const put = (names: readonly string[]) =>
    store.catalogs.put({
      ...{ host: 'web1', bytes: text(`catalog of ${names}`), commit: 'c1', inputsDigest: 'd' },
      at: NOW,
      blobs: names.map((name) => ({ sha256: sha256(text(name)), bytes: text(name) })),
    })
  for (const names of [['a', 'b'], ['b', 'c', 'c'], [], ['a']]) {
    await put(names)
    const named = [...new Set(names)].map((name) => sha256(text(name))).sort()
    const found = new Map(await store.catalogs.named()).get('web1') ?? []
    t.strictSame(found.sort(), named)
  }
})
