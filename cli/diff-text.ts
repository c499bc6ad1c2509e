import { textPreview } from '../agent/preview.ts'
import type { Resource } from '../lib/catalog.ts'
import type { Outcome, Preview } from '../lib/outcome.ts'
import { fillMarks } from '../lib/secret-mark.ts'
import type { Change } from '../lib/state.ts'
import type { ResourcePair__Output } from '../proto/gen/drover/v1/ResourcePair.ts'
import type { RunRow__Output } from '../proto/gen/drover/v1/RunRow.ts'
import { runView } from './host-text.ts'
import { originsOf, outcomeLines, type Show } from './plan-text.ts'
import type { Line } from './print.ts'
import { jsonOf } from './run-body.ts'
import { Marks } from './summary-text.ts'
import { agoText } from './time-text.ts'

/** A resource that two catalogs declare differently, in the words of a plan that makes the second of the first. */
export type Declared = {
  readonly outcome: Extract<Outcome, { status: 'planned' }>
  /** `null`: not declared there. */
  readonly from: Resource | null
  readonly to: Resource | null
}

export async function declaredOf(pair: ResourcePair__Output): Promise<Declared> {
  const [from, to] = [resourceOf(pair.from), resourceOf(pair.to)]
  const previews = await previewsOf(pair, (to ?? from)?.name ?? '')
  const secrets = pair.secrets.map((name) => ({ field: `secret ${name}`, from: 'old', to: 'new' }))
  const id = pair.id as Resource['id']
  const changes = [...changesOf(from, to), ...secrets]
  const outcome = {
    id,
    status: 'planned',
    changes,
    steps: [],
    with: null,
    previews,
    after: [],
    unknown: null,
  } as const
  return { outcome, from, to }
}

const named = (name: string) => `<secret ${name}>`

/** A name of a secret needs no escape in JSON. */
const resourceOf = (bytes: Buffer): Resource | null =>
  bytes.length === 0 ? null : (jsonOf(Buffer.from(fillMarks(bytes.toString(), named))) as Resource)

async function previewsOf(
  { from_content, to_content, content_note }: ResourcePair__Output,
  path: string,
): Promise<Preview[]> {
  if (content_note !== '') return [{ path, diff: null, note: content_note, added: 0, removed: 0 }]
  if (from_content.length + to_content.length === 0) return []
  const [before, after] = [from_content, to_content].map((bytes) => fillMarks(bytes.toString(), named))
  return [await textPreview(path, before ?? '', after ?? '')]
}

function changesOf(from: Resource | null, to: Resource | null): Change[] {
  if (to === null) return [{ field: 'exists', from: true, to: false }]
  const [olds, news] = [fieldsOf(from), fieldsOf(to)]
  const fields = [...new Set([...Object.keys(olds), ...Object.keys(news)])]
  const changes = fields.map((field) => ({ field, from: olds[field] ?? null, to: news[field] ?? null }))
  const differing = changes.filter((one) => JSON.stringify(one.from) !== JSON.stringify(one.to))
  return from === null ? [{ field: 'exists', from: false, to: true }, ...differing] : differing
}

/** All that is declared; what is empty is as good as not declared. */
function fieldsOf(resource: Resource | null): Readonly<Record<string, unknown>> {
  if (resource === null) return {}
  const { props, needs, reactions, timeoutMs, onRemove, tags } = resource
  const reacts = reactions.map(({ reaction, on }) => `${reaction} on ${on}`)
  const fields = { ...props, needs, reacts, timeoutMs, onRemove, tags }
  const isEmpty = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0)
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)))
}

type Ends = { readonly from: RunRow__Output; readonly to: RunRow__Output }

export function diffLines({ from, to }: Ends, found: readonly Declared[], show: Show, now: number): Line[] {
  const outcomes = found.map(({ outcome }) => outcome)
  const resources = found.flatMap((one) => one.to ?? one.from ?? [])
  const counts = new Marks().add({ outcomes, owed: [] }).due('apply')
  return [
    endLine('---', from, now),
    endLine('+++', to, now),
    [],
    ...outcomeLines({ outcomes, owed: [] }, originsOf({ resources }), show),
    ...(found.length === 0 ? [] : [[]]),
    [['bold', counts.length === 0 ? 'both declare the same' : `Diff: ${counts.join(', ')}`]],
  ]
}

function endLine(sign: string, run: RunRow__Output, now: number): Line {
  const { id, commit, startedAt } = runView(run)
  return [
    ['bold', `${sign} ${run.host}`],
    ` ${commit === null ? '' : `commit ${commit.slice(0, 12)}, `}applied ${startedAt}, ${agoText(run.head?.started_at ?? 0, now)}`,
    ['dim', `  run ${id}`],
  ]
}
