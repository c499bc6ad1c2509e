import * as v from 'valibot'
import type { OwnedView } from '../agent/keeping.ts'
import type { Quarantined } from '../agent/quarantine.ts'
import { Failure } from '../lib/failure.ts'
import type { Unkept } from '../lib/pre-image.ts'
import type { Line, Span } from './print.ts'
import { jsonOf } from './run-body.ts'
import { tableLines } from './table.ts'
import { agoText, timeOf } from './time-text.ts'

const Owned = v.array(
  v.looseObject({
    id: v.string(),
    since: v.number(),
    leftAt: v.nullable(v.number()),
    claims: v.array(v.looseObject({ role: v.string(), place: v.string() })),
    onRemove: v.nullable(v.string()),
    before: v.looseObject({
      kind: v.string(),
      paths: v.array(v.looseObject({ path: v.string(), content: v.nullable(v.string()) })),
      cut: v.boolean(),
    }),
  }),
)
const Quarantine = v.array(
  v.looseObject({ name: v.string(), id: v.string(), path: v.string(), at: v.number(), until: v.number() }),
)

/** What a host says that drover owns there, which may be anything: refused where it can't be shown. */
export const ownedOf = (bytes: Uint8Array, host: string) =>
  listOf(Owned, bytes, host) as unknown as readonly OwnedView[]

export const quarantinedOf = (bytes: Uint8Array, host: string) =>
  listOf(Quarantine, bytes, host) as unknown as readonly Quarantined[]

function listOf(schema: v.GenericSchema, bytes: Uint8Array, about: string): unknown {
  const read = v.safeParse(schema, jsonOf(bytes), { abortEarly: true })
  if (read.success) return read.output
  throw new Failure('invalid', "the host's answer can't be read", {
    about,
    hint: 'is its drover of another version? see "drover hosts"',
  })
}

/** An entry for programs. */
export const ownedJson = (view: OwnedView) => ({
  ...view,
  since: timeOf(view.since),
  leftAt: view.leftAt === null ? null : timeOf(view.leftAt),
})

export const quarantinedJson = (one: Quarantined) => ({
  ...one,
  at: timeOf(one.at),
  until: timeOf(one.until),
})

export function quarantineLines(all: readonly Quarantined[], now: number): Line[] {
  const rows = all.map(({ name, path, id, at, until }): Span[] => {
    return [name, path, id, agoText(at, now), timeOf(until) ?? '']
  })
  return tableLines(['NAME', 'PATH', 'RESOURCE', 'SINCE', 'KEPT UNTIL'], rows)
}

export function ownedLines(entries: readonly OwnedView[], wide: boolean, now: number): Line[] {
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

function claimText({ claims, leftAt }: OwnedView, now: number): Span {
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

function beforeText({ id, before: { kind, paths } }: OwnedView): Span {
  if (kind === 'absent') return 'nothing'
  if (kind === 'state') return 'as it was read'
  const content = paths.find(({ path }) => id.endsWith(`:${path}`))?.content ?? null
  if (content === 'kept') return `${kind}, kept`
  return content === null ? kind : `${kind}, ${UNKEPT[content]}`
}
