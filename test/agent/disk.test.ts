import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { failureOf } from '../../agent/failures.ts'
import { openJournal, readJournal } from '../../agent/journal.ts'
import { readLedger } from '../../agent/ledger-file.ts'
import { openSession } from '../../agent/local.ts'
import { bringBack, quarantined, setAside, tidyQuarantine } from '../../agent/quarantine.ts'
import { isOfDisk } from '../../agent/records.ts'
import { openSpool, type Report } from '../../agent/spool.ts'
import type { Outcome } from '../../lib/outcome.ts'
import { runId } from '../../lib/run-id.ts'
import { sha256 } from '../../lib/sha256.ts'
import { type Fault, onBrokenDisk } from '../helpers/broken-disk.ts'
import { restartOn } from '../helpers/fake-host.ts'
import { declared, localOf, mine } from '../helpers/local.ts'

/** A disk that fails at any call: what is not known to be on it is written anew, whole, by the next run. */
const FAULTS: readonly Omit<Fault, 'at'>[] = [
  { calls: ['fsyncSync'], code: 'EIO', lasts: false },
  { calls: ['fsyncSync'], code: 'EIO', lasts: true },
  { calls: ['writeSync', 'writeFileSync'], code: 'ENOSPC', lasts: true },
  { calls: ['writeSync', 'writeFileSync'], code: 'ENOSPC', lasts: false },
  { calls: ['openSync', 'renameSync'], code: 'EROFS', lasts: true },
]
const nameOf = ({ calls, code, lasts }: Omit<Fault, 'at'>) =>
  `${code} ${lasts ? 'from then on' : 'once'} at any ${calls.join(', ')}`

const NEW = ['new a', 'new b', 'new c']

function world(t: Test) {
  const texts = new Map(NEW.map((text) => [sha256(text), Buffer.from(text)]))
  const { local, path, stateDir } = localOf(t, (target) =>
    NEW.map((text, i) => declared('file', join(target, `${i}`), { ...mine, sha256: sha256(text) })),
  )
  const apply = async (): Promise<readonly Outcome[]> => {
    const session = openSession({ ...local, blobs: texts, runId: runId(Date.now(), randomBytes(10)) })
    try {
      return (await session.apply()).outcomes
    } finally {
      session.close()
    }
  }
  return { apply, path, stateDir }
}

/** The same with a fault at the first call, the second, and so on, until there are no more. */
async function atEach(fault: Omit<Fault, 'at'>, once: (fault: Fault) => Promise<number>): Promise<number> {
  for (let at = 1; ; at += 1) if ((await once({ ...fault, at })) < at) return at - 1
}

for (const fault of FAULTS) {
  t.test(`${nameOf(fault)}: what failed is said, and the next run makes it whole`, async (t) => {
    const at = await atEach(fault, (fault) => heals(t, fault))
    t.ok(at > 5, `${at} calls`)
  })
}

async function heals(t: Test, fault: Fault): Promise<number> {
  const { apply, path, stateDir } = world(t)
  const texts = () => NEW.map((_, i) => read(path(`${i}`)))
  const before = ['old 0', null, 'old 2']
  for (const [i, text] of before.entries()) if (text !== null) writeFileSync(path(`${i}`), text)
  let first: readonly Outcome[] = []
  const made = await onBrokenDisk(t, fault, async () => {
    first = await apply().catch((error) => {
      t.match(
        failureOf(error),
        { code: /denied|unavailable/, hint: /df|dmesg/ },
        'a run that is none says why',
      )
      return []
    })
  })
  const where = `${fault.code} at ${fault.at} of ${made}`
  for (const one of first)
    if (one.status === 'failed') t.match(one, { code: 'unavailable', hint: /df|dmesg/ }, where)
  for (const [i, text] of texts().entries())
    if (text !== before[i] && (text !== NEW[i] || first[i]?.status === 'failed'))
      t.fail(`${where}: ${i} holds ${text}`)
  const again = await apply()
  t.same(
    again.filter(({ status }) => status !== 'changed' && status !== 'settled'),
    [],
    `${where}: then nothing fails`,
  )
  t.same(texts(), NEW, where)
  t.same(readdirSync(path('.')).sort(), ['0', '1', '2'], 'no temporary file is left')
  t.same(readdirSync(stateDir).sort(), ['journal', 'ledger', 'lock', 'undo'], 'nor in the state')
  const kept = readLedger(stateDir).entries.map(({ before: { paths } }) => paths[0]?.sha256)
  t.same(kept.sort(), [null, sha256('old 0'), sha256('old 2')].sort(), 'what was there is remembered')
  return made
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

for (const fault of FAULTS)
  t.test(`${nameOf(fault)}: what goes to the quarantine is there, or where it was`, async (t) => {
    const at = await atEach(fault, async (fault) => {
      const dir = t.testdir({ state: {}, x: 'theirs' })
      const [state, path] = [join(dir, 'state'), join(dir, 'x')]
      /** Where it is; a list that says both or neither would have lost it. */
      const place = () =>
        `${read(path) ?? ''}${quarantined(state).map((one) => read(contentOf(state, one.name)))}`
      const attempt = (work: () => void) => onBrokenDisk(t, fault, async () => swallow(work))
      const made = await attempt(() => setAside(state, { do: 'quarantine', path, id: 'file:/x' }))
      if (place() !== 'theirs') t.fail(`${fault.code} at ${fault.at} of ${made}: ${place()}`)
      if (read(path) !== null) setAside(state, { do: 'quarantine', path, id: 'file:/x' })
      const [{ name } = { name: '' }] = quarantined(state)
      const back = await attempt(() => bringBack(state, name))
      if (place() !== 'theirs') t.fail(`${fault.code} at ${fault.at} of ${back}, on its way back: ${place()}`)
      if (read(path) === null) bringBack(state, name)
      tidyQuarantine(state, Date.now())
      t.same(
        [read(path), readdirSync(join(state, 'quarantine'))],
        ['theirs', []],
        `at ${fault.at} of ${made}`,
      )
      return Math.max(made, back)
    })
    t.ok(at > 0, `${at} calls`)
  })

const contentOf = (state: string, name: string) => join(state, 'quarantine', name, 'content')

function swallow(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!isOfDisk(error)) throw error
  }
}

const debt = { id: 'service:a.service', trigger: restartOn('file:/etc/a') } as const
const other = { id: 'service:b.service', trigger: restartOn('file:/etc/b') } as const

for (const fault of FAULTS.slice(0, 4))
  t.test(`${nameOf(fault)}: a journal keeps what it took, and takes more when it can`, async (t) => {
    await atEach(fault, async (fault) => {
      const dir = t.testdir()
      const journal = openJournal(dir)
      const taken: string[] = []
      const owe = (one: typeof debt | typeof other) => {
        try {
          journal.owe([one])
          taken.push(one.id)
        } catch {
          // Whoever owes it does not make the change.
        }
      }
      const made = await onBrokenDisk(t, fault, async () => {
        owe(debt)
        owe(other)
      })
      journal.owe([{ ...debt, trigger: restartOn('file:/etc/c') }])
      const left = readJournal(dir).debts.map(({ id, trigger }) => `${id} ${trigger.on}`)
      for (const id of taken)
        if (!left.some((one) => one.startsWith(id))) t.fail(`at ${fault.at}: ${id} is forgotten`)
      t.ok(left.includes('service:a.service file:/etc/c'), `at ${fault.at}: what came later is there`)
      journal.finish(new Set())
      return made
    })
  })

t.test('a journal in which any bit is flipped loses that entry and no other', async (t) => {
  const dir = t.testdir()
  const journal = openJournal(dir)
  journal.owe([debt])
  journal.owe([other])
  const whole = readFileSync(join(dir, 'journal'))
  const middle = whole.indexOf('\n') + 1
  for (let at = 0; at < whole.length; at += 1) {
    // What stands between a sum and its entry is in neither.
    if (at === 16 || at === middle + 16) continue
    const flipped = Buffer.from(whole)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8))
    writeFileSync(join(dir, 'journal'), flipped)
    const left = readJournal(dir).debts.map(({ id }) => id)
    const rest = at < middle ? [other.id] : [debt.id]
    // The end of the first line that is gone takes both with it.
    if (at === middle - 1) rest.pop()
    // The last line is whole without its end.
    const last = at === whole.length - 1 ? [debt.id] : rest
    if (left.join() !== last.join()) t.fail(`flipped at ${at}`, { left, rest })
  }
  t.pass()
  journal.finish(new Set())
})

function report(): Report {
  const body = Buffer.from('{"outcomes":[],"owed":[]}')
  const head = {
    run_id: runId(++clock, new Uint8Array(10)),
    kind: 'RUN_KIND_APPLY',
    trigger: 'RUN_TRIGGER_SWEEP',
    counts: { settled: 1, planned: 0, changed: 1, failed: 0, skipped: 0 },
    body_sha256: sha256(body),
    body_bytes: body.length,
  } as const
  return { head, body }
}
let clock = 0

for (const fault of FAULTS)
  t.test(`${nameOf(fault)}: a report is told all the same, once, and as it was`, async (t) => {
    await atEach(fault, async (fault) => {
      const dir = t.testdir()
      const spool = openSpool(dir)
      const told: Report[] = []
      const given = report()
      const made = await onBrokenDisk(t, fault, async () => {
        spool.end(given)
        // The first attempt is not answered.
        spool.next()
        for (let next = spool.next(); next !== null; next = spool.next()) {
          told.push(next)
          spool.delivered(next.head.run_id)
        }
      })
      t.same(told, [given], `at ${fault.at} of ${made}`)
      t.same(openSpool(dir).next(), null, 'nothing is left')
      return made
    })
  })
