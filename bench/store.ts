/** How many reports a second the master stores durably: each with a body of 8 KiB and a row for each of 20 changes. */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../lib/sha256.ts'
import { groups } from '../master/store/groups.ts'
import { migrations } from '../master/store/migrate.ts'
import { openFile } from '../master/store/open-file.ts'
import type { Report } from '../master/store/report.ts'
import { openStore } from '../master/store/store.ts'
import { describeMachine, machine, median, report, table } from './report.ts'

const before = machine()
const [HOSTS, CHANGES, BODY_BYTES, SECONDS, CALLERS] = [200, 20, 8 * 1024, 5, 400]
const ROUNDS = 3
const START_AT = 1_800_000_000_000

function makeReport(hostId: string, at: number): Report {
  const outcomes = Array.from({ length: CHANGES }, (_, i) => ({
    id: `file:/etc/bench/f${i}`,
    status: 'changed',
    changes: [
      { field: 'content', from: randomBytes(16).toString('hex'), to: randomBytes(16).toString('hex') },
    ],
    steps: [],
    previews: [{ path: '', diff: `-${randomBytes(30).toString('hex')}\n`, note: null, added: 1, removed: 1 }],
    ms: 1,
  }))
  const text = JSON.stringify({ outcomes, owed: [] })
  const body = Buffer.from(text.padEnd(BODY_BYTES, ' '))
  return {
    hostId,
    body,
    head: {
      run_id: randomUUID(),
      kind: 'apply',
      trigger: 'sweep',
      request_id: null,
      catalog_sha256: null,
      started_at: at,
      duration_ms: 1,
      fingerprint: null,
      body_sha256: sha256(body),
      unchanged_runs: 3,
      dropped_reports: 0,
      problem: null,
      evidence: [],
      counts: { settled: 500, planned: 0, changed: CHANGES, failed: 0, skipped: 0 },
    },
    circumstances: { received_at: at, commit: 'c0ffee', is_current: true, requested_by: null },
  }
}

const hostIds = Array.from({ length: HOSTS }, () => randomUUID())

const inviteOf = (id: string) => ({
  id,
  kind: 'host' as const,
  name: `h${id}`,
  roles: '[]',
  join_public_key: new Uint8Array(1),
  replaces: 0,
  created_at: 1,
  created_by: 'bench',
  expires_at: 10,
})
const useOf = (id: string) => ({
  id,
  keySha256: id,
  at: 2,
  hostId: id,
  ageRecipient: '',
  certificate: { certificate_serial: id, certificate_expires_at: 3, certificate_chain: '' },
})

/** Made in advance: to make them takes a core too. */
const stock = Array.from({ length: 4000 }, (_, i) => makeReport(hostIds[i % HOSTS] ?? '', i))
let used = 0

/** Another run each time, with a body of its own. */
function next(): Report {
  const one = stock[used % stock.length] as Report
  used += 1
  const at = START_AT + used
  const body = Buffer.from(one.body)
  // Behind the JSON there may be only white space, so the number is written in spaces and tabs.
  for (let bit = 0; bit < 31; bit++) body[body.length - 1 - bit] = (used >> bit) & 1 ? 0x09 : 0x20
  const head = { ...one.head, run_id: runId(at), started_at: at, body_sha256: sha256(body) }
  return { ...one, body, head, circumstances: { ...one.circumstances, received_at: at } }
}

/** A UUIDv7, as agents make them. */
function runId(at: number): string {
  const time = at.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}

/** Through the store as the master has it: many callers, each of whom waits for its report to be on disk. */
async function grouped(dir: string): Promise<number> {
  const store = await openStore(join(dir, 'grouped.db'), Date.now)
  await Promise.all(hostIds.map((id) => store.invites.add(inviteOf(id))))
  await Promise.all(hostIds.map((id) => store.invites.redeemHost(useOf(id))))
  let done = 0
  const cpu = process.cpuUsage()
  const start = performance.now()
  const until = start + SECONDS * 1000
  const caller = async () => {
    while (performance.now() < until) {
      await store.runs.record(next())
      done += 1
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  const took = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  measured.cpuMicroseconds.push((user + system) / done)
  await store.close()
  return (done / took) * 1000
}

/** Each report with a commit of its own. */
async function alone(dir: string): Promise<number> {
  const connection = await openFile(join(dir, 'alone.db'), migrations)
  for (const id of hostIds) {
    await groups.invites.writes.add(connection.db, inviteOf(id))
    await groups.invites.writes.redeemHost(connection.db, useOf(id))
  }
  let done = 0
  const start = performance.now()
  while (performance.now() < start + SECONDS * 1000) {
    connection.begin()
    await groups.runs.writes.record(connection.db, next())
    connection.commit()
    done += 1
  }
  const took = performance.now() - start
  connection.close()
  return (done / took) * 1000
}

const measured = { grouped: [] as number[], alone: [] as number[], cpuMicroseconds: [] as number[] }
for (let i = 0; i < ROUNDS; i++) {
  const dir = mkdtempSync('/var/tmp/drover-bench-store-')
  try {
    measured.grouped.push(await grouped(dir))
    measured.alone.push(await alone(dir))
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
const row = (name: string, rates: readonly number[]) => [
  name,
  median(rates).toFixed(0),
  rates.map((rate) => rate.toFixed(0)).join(' '),
]
const rows = [
  ['reports a second', 'median', 'rounds'],
  row('many callers, commits in groups', measured.grouped),
  row('each with a commit of its own', measured.alone),
  row('microseconds of processor for each, in groups, with its making', measured.cpuMicroseconds),
]
report('store', [...table(rows), describeMachine(before)], { ...measured, machine: before })
