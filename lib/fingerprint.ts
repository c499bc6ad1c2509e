import { createHash } from 'node:crypto'
import type { Outcome } from './outcome.ts'
import { sha256 } from './sha256.ts'
import type { ResourceId } from './state.ts'

// A plan of at most this many resources names each of them in its fingerprint, so that a refusal can too.
const MAX_NAMED = 24
const HASH_LENGTH = 8
const ID_LENGTH = 2
const NAMED_LENGTH = 4

/** Whether a word has the form of a fingerprint. */
export const isFingerprint = (word: string) => /^[0-9a-f]{8}(-([\w-]{4})+)?$/.test(word)

/**
 * Names a plan by what it would do: `3fa9c1d2-x7Qk0aB1`, a hash over all of it, then four characters for each
 * resource. Two of these stand for the id and two for its changes and steps: a check writes nothing, so the
 * fingerprint alone has to tell what moved since.
 */
export function fingerprint(host: string, outcomes: readonly Outcome[]): string {
  const planned = outcomes.filter(isDue)
  const text = JSON.stringify([host, planned.map(substance)])
  const hash = sha256(text).slice(0, HASH_LENGTH)
  const named = planned.length > 0 && planned.length <= MAX_NAMED
  return named ? `${hash}-${planned.map((one) => nameOf(one)).join('')}` : hash
}

/** How reality differs from a plan that was seen before. */
export type Moved = {
  /** In the plan now, and not as it was seen: new there, or changed since. */
  readonly fresh: readonly ResourceId[]
  readonly different: readonly ResourceId[]
  /** In the plan that was seen, and no more. */
  readonly gone: readonly ResourceId[]
  /** The fingerprint does not say which resources it stood for. */
  readonly unnamed: boolean
}

/** What moved since a fingerprint was made; `null` when nothing did. */
export function movedSince(seen: string, host: string, outcomes: readonly Outcome[]): Moved | null {
  if (fingerprint(host, outcomes) === seen) return null
  const names = seen.slice(HASH_LENGTH + 1).match(/.{4}/g)
  if (names === null) return { fresh: [], different: [], gone: [], unnamed: true }
  const rest = new Set(names)
  const moved = outcomes.filter(isDue).filter((outcome) => !rest.delete(nameOf(outcome)))
  const ids = new Set([...rest].map((name) => name.slice(0, ID_LENGTH)))
  const different = moved.filter(({ id }) => ids.delete(idName(id))).map(({ id }) => id)
  const gone = outcomes.filter((outcome) => !isDue(outcome) && ids.has(idName(outcome.id)))
  const fresh = moved.map(({ id }) => id).filter((id) => !different.includes(id))
  return { fresh, different, gone: gone.map(({ id }) => id), unnamed: false }
}

/** The same for a plan that was kept whole. */
export function movedBetween(seen: readonly Outcome[], now: readonly Outcome[]): Moved | null {
  const before = new Map(seen.filter(isDue).map((outcome) => [outcome.id, nameOf(outcome, LONG)]))
  const after = new Map(now.filter(isDue).map((outcome) => [outcome.id, nameOf(outcome, LONG)]))
  const fresh = [...after.keys()].filter((id) => !before.has(id))
  const gone = [...before.keys()].filter((id) => !after.has(id))
  const different = [...after].filter(([id, name]) => before.has(id) && before.get(id) !== name)
  if (fresh.length + gone.length + different.length === 0) return null
  return { fresh, gone, different: different.map(([id]) => id), unnamed: false }
}

type Due = Extract<Outcome, { status: 'planned' | 'failed' }>

const isDue = (outcome: Outcome): outcome is Due =>
  outcome.status === 'planned' || outcome.status === 'failed'

/** What makes a plan another one. How long something took and how an error is worded does not. */
function substance(outcome: Due): unknown {
  const { id, status, changes } = outcome
  if (outcome.status === 'failed') return [id, status, canonical(changes), outcome.code]
  const { steps, after, unknown } = outcome
  const rest: unknown[] = [outcome.with, after, unknown !== null]
  // What is left alone is another thing than what is done.
  if (outcome.paused !== undefined) rest.push('paused')
  return [id, status, canonical(changes), canonical(steps), ...rest]
}

const LONG = 32

function nameOf(outcome: Due, length = NAMED_LENGTH): string {
  const changes = createHash('sha256').update(JSON.stringify(substance(outcome)))
  return idName(outcome.id) + changes.digest('base64url').slice(0, length - ID_LENGTH)
}

const idName = (id: ResourceId) => createHash('sha256').update(id).digest('base64url').slice(0, ID_LENGTH)

/** The same value whatever the order in which its keys were made. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, canonical(inner)])
}
