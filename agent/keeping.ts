import { closeSync } from 'node:fs'
import { Failure } from '../lib/failure.ts'
import { MAX_MESSAGE_BYTES } from '../lib/limits.ts'
import type { PathImage, Unkept } from '../lib/pre-image.ts'
import type { ResourceId } from '../lib/state.ts'
import type { Answer } from '../proto/gen/drover/v1/Answer.ts'
import type { Question__Output } from '../proto/gen/drover/v1/Question.ts'
import { runLock } from './journal.ts'
import type { Entry } from './ledger-entry.ts'
import { LedgerFile, readLedger } from './ledger-file.ts'
import { bringBack, quarantined } from './quarantine.ts'
import { problemOf } from './report.ts'

/** What an agent answers of what it keeps of its host: the ledger and the quarantine. */

/** What was there before, in a word: nothing, a kind of file, or something that only its state knows. */
export type BeforeKind = 'absent' | 'state' | NonNullable<PathImage['was']>['kind']

/** An entry of the ledger as others may see it: without props. Times are milliseconds since 1970. */
export type OwnedView = Pick<Entry, 'id' | 'since' | 'leftAt' | 'claims' | 'onRemove'> & {
  readonly before: {
    readonly kind: BeforeKind
    readonly paths: readonly {
      readonly path: string
      readonly kind: BeforeKind
      readonly mode: string | null
      readonly owner: string | null
      readonly group: string | null
      readonly target: string | null
      /** `kept`, or why it is not; `null`: there was none. */
      readonly content: 'kept' | Unkept | null
    }[]
    readonly cut: boolean
  }
}

export function ownedView({ id, since, leftAt, claims, onRemove, before }: Entry): OwnedView {
  const paths = before.paths.map(({ path, was, sha256, unkept }) => ({
    ...{ path, kind: was?.kind ?? ('absent' as const), mode: was?.mode ?? null, owner: was?.owner ?? null },
    ...{ group: was?.group ?? null, target: was?.target ?? null },
    content: sha256 === null ? unkept : ('kept' as const),
  }))
  return { id, since, leftAt, claims, onRemove, before: { kind: kindOf(id, before), paths, cut: before.cut } }
}

function kindOf(id: ResourceId, { fields, paths }: Entry['before']): BeforeKind {
  const own = paths.find(({ path }) => id.endsWith(`:${path}`))
  if (own !== undefined) return own.was?.kind ?? 'absent'
  if (fields === null || fields.exists === false) return 'absent'
  return paths.length > 0 && paths.every(({ was }) => was === null) ? 'absent' : 'state'
}

/** Answers a question of the master. Throws `Failure`. */
function answered(stateDir: string, { kind, subject }: Question__Output): unknown {
  switch (kind) {
    case 'KIND_OWNED':
      return readLedger(stateDir).entries.map(ownedView)
    case 'KIND_RELEASE':
      releaseClaim(stateDir, subject as ResourceId)
      return subject
    case 'KIND_QUARANTINED':
      return quarantined(stateDir)
    case 'KIND_BRING_BACK':
      return bringBack(stateDir, subject).path
    default:
      throw new Failure('invalid', 'this drover does not know the question', {
        hint: 'bring drover on the host to the version of its master',
      })
  }
}

/** As much as one message holds. */
export function answerTo(stateDir: string, question: Question__Output): Pick<Answer, 'data' | 'problem'> {
  try {
    const data = Buffer.from(JSON.stringify(answered(stateDir, question)))
    if (data.length > MAX_ANSWER_BYTES) throw tooLong(data.length)
    return { data, problem: null }
  } catch (error) {
    return { problem: problemOf(error) }
  }
}

// A message of 1 MiB has room for its frame besides.
const MAX_ANSWER_BYTES = MAX_MESSAGE_BYTES - 4096

const tooLong = (bytes: number) =>
  new Failure('exhausted', `the answer of ${bytes} bytes is longer than a message may be`, {
    hint: 'look on the host: "drover local owned"',
  })

/** What was there before is forgotten, and it stays as it is. Throws `Failure('unavailable')` while a run is under way. */
export function releaseClaim(stateDir: string, id: ResourceId): void {
  const lock = runLock(stateDir)
  try {
    const ledger = new LedgerFile(stateDir)
    try {
      if (!ledger.has(id)) throw notOwned(id)
      ledger.rewrite((entry) => (entry.id === id ? null : entry))
    } finally {
      ledger.close()
    }
  } finally {
    closeSync(lock)
  }
}

const notOwned = (id: ResourceId) =>
  new Failure('not-found', 'drover has made or changed no such resource here', {
    about: id,
    hint: 'see "drover owned"',
  })
