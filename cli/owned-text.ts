import type { Entry } from '../agent/ledger-file.ts'
import type { PathImage, Unkept } from '../agent/pre-image.ts'
import type { Line, Span } from './print.ts'
import { tableLines } from './table.ts'
import { agoText, timeOf } from './time-text.ts'

/** What was there before, in a word: nothing, a kind of file, or something that only its state knows. */
type BeforeKind = 'absent' | 'state' | NonNullable<PathImage['was']>['kind']

function kindOf({ id, before: { fields, paths } }: Entry): BeforeKind {
  const own = paths.find(({ path }) => id.endsWith(`:${path}`))
  if (own !== undefined) return own.was?.kind ?? 'absent'
  if (fields === null) return 'absent'
  return paths.length > 0 && paths.every(({ was }) => was === null) ? 'absent' : 'state'
}

/** An entry for programs. */
export function ownedView(entry: Entry) {
  const { id, since, leftAt, claims, onRemove, before } = entry
  return {
    id,
    since: timeOf(since),
    leftAt: leftAt === null ? null : timeOf(leftAt),
    claims,
    onRemove,
    before: {
      kind: kindOf(entry),
      paths: before.paths.map(({ path, was, sha256, unkept }) => ({
        ...{ path, kind: was?.kind ?? 'absent', mode: was?.mode ?? null, owner: was?.owner ?? null },
        ...{ group: was?.group ?? null, target: was?.target ?? null },
        content: sha256 === null ? unkept : 'kept',
      })),
      cut: before.cut,
    },
  }
}

export function ownedLines(entries: readonly Entry[], wide: boolean, now: number): Line[] {
  const headings = [
    'RESOURCE',
    'SINCE',
    'BEFORE',
    'CLAIMED BY',
    ...(wide ? ['DECLARED AT', 'WHEN IT GOES'] : []),
  ]
  const rows = entries.map((entry): Span[] => [
    entry.id,
    agoText(entry.since, now),
    beforeText(entry),
    claimText(entry, now),
    ...(wide ? [entry.claims.map(({ place }) => place).join(' '), entry.onRemove ?? ''] : []),
  ])
  return tableLines(headings, rows)
}

function claimText({ claims, leftAt }: Entry, now: number): Span {
  const roles = [...new Set(claims.map(({ role }) => role))].join(' ')
  return leftAt === null ? roles : ['change', `nobody since ${agoText(leftAt, now)}; last ${roles}`]
}

const UNKEPT: Readonly<Record<Unkept, string>> = {
  untouched: 'its content is untouched',
  secret: 'not kept: it may hold a secret',
  'too-large': 'not kept: it is too large',
  'no-room': 'not kept: there was no room',
  directory: 'what was in it is not kept',
}

function beforeText(entry: Entry): Span {
  const kind = kindOf(entry)
  if (kind === 'absent') return 'nothing'
  if (kind === 'state') return 'as it was read'
  const own = entry.before.paths.find(({ path }) => entry.id.endsWith(`:${path}`))
  if (own?.unkept) return `${kind}, ${UNKEPT[own.unkept]}`
  return own?.sha256 ? `${kind}, kept` : kind
}
