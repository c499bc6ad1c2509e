import type { Catalog, Origin } from '../lib/catalog.ts'
import { count } from '../lib/count.ts'
import type { Outcome, Owed, Pause, Preview, RunResult } from '../lib/outcome.ts'
import { isReaction } from '../lib/plan.ts'
import type { Change, ResourceId } from '../lib/state.ts'
import { type Line, linesOf, type Span, type Style } from './print.ts'
import { notesOf, stepLines } from './step-text.ts'
import { timeOf } from './time-text.ts'
import { fieldText, isContent, someOf, valueText } from './value-text.ts'

/** How much of a plan or of a run is shown. */
export type Show = {
  readonly diff: 'full' | 'short' | 'none'
  /** What is in order too. */
  readonly all: boolean
  /** Every step, and nothing folded. */
  readonly wide: boolean
}

/** One resource, or several that are performed together. */
type Block = {
  readonly mark: Mark
  readonly id: ResourceId
  readonly origin: string
  readonly body: readonly Line[]
}

export type Mark = keyof typeof MARKS
export const MARKS = {
  paused: ['=', 'unknown'],
  add: ['+', 'add'],
  change: ['~', 'change'],
  remove: ['-', 'remove'],
  restart: ['~', 'change'],
  reload: ['~', 'change'],
  unknown: ['?', 'unknown'],
  failed: ['!', 'fail'],
  skipped: ['!', 'dim'],
  settled: [' ', 'dim'],
} as const satisfies Record<string, readonly [string, Style]>

// Ids that are shorter leave their origins in one column.
const ID_COLUMN = 44
const SHORT_DIFF_LINES = 30
// More alike ones than this are named in one line.
const MIN_FOLDED = 3
const MAX_NAMED = 8
// Enough of a UUIDv7 to name a run: its time, and some of its chance.
export const SHORT_ID = 18

/** What would be done with each resource, or was, for people. */
export function outcomeLines(
  { outcomes, owed }: Pick<RunResult, 'outcomes' | 'owed'>,
  origins: ReadonlyMap<ResourceId, string>,
  show: Show,
): Line[] {
  const statuses = new Map(outcomes.map(({ id, status }) => [id, status]))
  const blocks = outcomes
    .filter(({ status, stays }) => show.all || status !== 'settled' || stays !== undefined)
    .map((outcome): Block => {
      const body = [...leavingLines(outcome), ...recoveredLines(outcome), ...bodyOf(outcome, statuses, show)]
      const origin = originOf(outcome, origins.get(outcome.id))
      return { mark: markOf(outcome), id: outcome.id, origin, body }
    })
  return [
    ...(show.wide ? blocks.map((block) => [block]) : alike(blocks)).flatMap(groupLines),
    ...owedLines(owed),
  ]
}

/** Where it is declared, or was last. */
export const originOf = ({ leaves }: Outcome, declared = '') =>
  leaves === undefined ? declared : `${leaves.role}  ${leaves.place}`

const HOW: Readonly<Record<NonNullable<Outcome['leaves']>['how'], string>> = {
  restore: 'put back as it was before drover',
  remove: 'removed, as its role said',
  quarantine: 'moved to the quarantine, as its role said',
  undo: 'put back as the run found it',
}

/** What is put back or taken away, and what of it stays. */
export function leavingLines({ leaves, stays, status }: Outcome): Line[] {
  if (leaves === undefined) return []
  const { how, also = [] } = leaves
  const done = status === 'settled' ? [] : [HOW[how]]
  const said = [...(how === 'undo' ? [] : ['no role declares it any more']), ...done].join(': ')
  return [
    ...(said === '' ? [] : [[['dim', said] as const]]),
    ...(also.length === 0 ? [] : [[['unknown', alsoText(also)] as const]]),
    ...(stays === undefined ? [] : [[['unknown', `stays as it is: ${stays}`] as const]]),
  ]
}

/** Why nothing is taken back. */
export const heldLines = (held: RunResult['held']): Line[] =>
  held === null ? [] : [[['fail', held.reason]], [`hint: ${held.hint}`]]

const alsoText = (runs: readonly string[]) => {
  const names = runs.map((run) => run.slice(0, SHORT_ID))
  return `changed again since by run ${someOf(names)}, which is undone with it`
}

const recoveredLines = ({ recovered }: Outcome): Line[] =>
  recovered === undefined
    ? []
    : [[['unknown', `recovered: an interrupted dpkg was completed first: ${someOf(recovered)}`]]]

/** For each resource of a catalog, where it is declared. */
export function originsOf({ resources }: Pick<Catalog, 'resources'>): ReadonlyMap<ResourceId, string> {
  return new Map(resources.map(({ id, origins }) => [id, originText(origins)]))
}

const originText = ([first]: readonly Origin[]) => (first ? `${first.role}  ${first.file}:${first.line}` : '')

/** What kind of change an outcome is, for its symbol and for the summary. */
export function markOf(outcome: Outcome): Mark {
  if (!('changes' in outcome) || outcome.status === 'failed') return outcome.status as Mark
  if (outcome.status === 'planned' && outcome.paused !== undefined) return 'paused'
  if (outcome.status === 'planned' && outcome.unknown !== null) return 'unknown'
  const exists = outcome.changes.find(({ field }) => field === 'exists')
  if (exists) return exists.to === true ? 'add' : 'remove'
  const [first] = outcome.changes
  const reacts = first !== undefined && outcome.changes.every(isReaction)
  return reacts ? (first.field as 'restart' | 'reload') : 'change'
}

/** Runs of blocks that say the same of different names. */
function alike(blocks: readonly Block[]): Block[][] {
  const groups: Block[][] = []
  let last = ''
  for (const block of blocks) {
    const text = likeness(block)
    const group = groups.at(-1)
    if (group && text === last) group.push(block)
    else groups.push([block])
    last = text
  }
  return groups.flatMap((group) => (group.length > MIN_FOLDED ? [group] : group.map((block) => [block])))
}

/** What a block says, with a mark where its own name stands as a whole word. */
function likeness({ mark, id, origin, body }: Block): string {
  const type = id.slice(0, id.indexOf(':') + 1)
  const name = id.slice(type.length).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const text = JSON.stringify(body).replace(new RegExp(`(?<!\\w)${name}(?!\\w)`, 'g'), '\0')
  return [mark, type, mark === 'skipped' ? '' : origin, text].join('\n')
}

function groupLines([first, ...others]: readonly Block[]): Line[] {
  if (first === undefined) return []
  const lines = blockLines(first)
  if (others.length === 0) return lines
  const names = others.map(({ id }) => id)
  return [...lines, [['dim', `    and so for ${someOf(names, MAX_NAMED)}; ${names.length + 1} in all`]]]
}

function blockLines({ mark, id, origin, body }: Block): Line[] {
  const [symbol, style] = MARKS[mark]
  const gap = ' '.repeat(Math.max(2, ID_COLUMN - id.length))
  const head: Span[] = [[style, `${symbol} ${id}`]]
  if (origin !== '') head.push(gap, ['dim', origin])
  return [head, ...body.map((line): Line => ['    ', ...line])]
}

function bodyOf(outcome: Outcome, statuses: ReadonlyMap<ResourceId, string>, show: Show): Line[] {
  switch (outcome.status) {
    case 'settled':
      return []
    case 'skipped':
      return [[['dim', skippedText(outcome.because, statuses)]]]
    case 'failed':
      return failedLines(outcome)
    default:
      return [...workLines(outcome, show), ...(outcome.status === 'planned' ? certainty(outcome) : [])]
  }
}

export const skippedText = (because: ResourceId | null, statuses: ReadonlyMap<ResourceId, string>) =>
  because === null
    ? 'not done, since the run was interrupted'
    : `skipped, since ${because} ${statuses.get(because) === 'skipped' ? 'was skipped' : 'failed'}`

type Failed = Extract<Outcome, { status: 'failed' }>

export function failedLines({ reason, hint, left, steps }: Failed): Line[] {
  return [
    ...linesOf(reason).map((text): Line => [['fail', text]]),
    ...(hint === null ? [] : [[`hint: ${hint}`]]),
    ...left.map((change): Line => [`still differs: ${changeText(change)}`]),
    ...(steps.length > 0
      ? [[['dim', 'done before it failed:'] as const], ...indent(steps.flatMap(stepLines))]
      : []),
  ]
}

type Worked = Extract<Outcome, { status: 'planned' | 'changed' }>

function workLines(outcome: Worked, show: Show): Line[] {
  const { changes, steps, previews } = outcome
  const reactions = changes.filter(isReaction)
  const creates = changes.some(({ field, to }) => field === 'exists' && to === true)
  const fields = changes.filter((change) => !isReaction(change) && change.field !== 'exists')
  return [
    ...(creates ? createdLines(fields) : fields.map((change): Line => fieldLine(change, previews))),
    ...reactions.map((change): Line => [reactionText(change, outcome.status)]),
    ...previews.flatMap((preview) => previewLines(preview, creates, show)),
    ...(show.wide ? steps.flatMap(stepLines) : steps.flatMap(notesOf)),
    ...(outcome.with === null ? [] : [[['dim', `together with ${outcome.with}`] as const]]),
  ]
}

/** What is made anew has no values before. */
function createdLines(fields: readonly Change[]): Line[] {
  const shown = fields.filter((change) => !isContent(change) && change.field !== 'kind' && change.to !== null)
  const texts = shown.map(({ field, to }) => `${fieldText(field)} ${valueText(to)}`)
  return texts.length === 0 ? [] : [[texts.join(', ')]]
}

function fieldLine(change: Change, previews: readonly Preview[]): Line {
  if (!isContent(change)) return [changeText(change)]
  const [preview] = previews
  const field = fieldText(change.field)
  return preview?.diff == null ? [`${field} changes`] : [`${field} `, ...countsOf(preview)]
}

const changeText = ({ field, from, to }: Change) =>
  isContent({ field, from, to })
    ? fieldText(field)
    : `${fieldText(field)} ${valueText(from)} -> ${valueText(to)}`

const countsOf = ({ added, removed }: Preview): Span[] => [
  ['add', `+${added}`],
  ' ',
  ['remove', `-${removed}`],
]

function reactionText({ field, to }: Change, status: Worked['status']): string {
  const causes = Array.isArray(to) ? to.map(String) : []
  const done = status === 'changed' ? `${field}ed` : field
  const verb = causes.length > 1 ? 'change' : 'changes'
  return `${done}, since ${someOf(causes)} ${status === 'changed' ? 'changed' : verb}`
}

export function previewLines({ diff, note }: Preview, creates: boolean, show: Show): Line[] {
  const noted = note === null ? [] : [[['dim', note] as const]]
  if (diff === null || show.diff === 'none') return diff === null ? noted : []
  const all = linesOf(diff).filter((line) => line !== '' && !(creates && line.startsWith('@@')))
  const shown = show.diff === 'full' ? all : all.slice(0, SHORT_DIFF_LINES)
  const more = all.length - shown.length
  return [
    ...indent(shown.map((text): Line => [diffSpan(text)])),
    ...(more > 0 ? indent([[['dim', `… ${count(more, 'more line')}, see them with --diff full`]]]) : noted),
  ]
}

function diffSpan(text: string): Span {
  if (text.startsWith('+')) return ['add', text]
  if (text.startsWith('-')) return ['remove', text]
  if (text.startsWith('@@')) return ['hunk', text]
  return text.startsWith('\\') ? ['dim', text] : text
}

export const indent = (lines: readonly Line[]): Line[] => lines.map((line) => ['  ', ...line])

function certainty({ after, unknown, paused }: Extract<Outcome, { status: 'planned' }>): Line[] {
  if (paused !== undefined) return [[['unknown', `left as it is: ${pausedText(paused)}`]]]
  const verb = after.length > 1 ? 'change' : 'changes'
  if (unknown !== null) return [[['unknown', `not known before ${someOf(after)} ${verb}: ${unknown}`]]]
  if (after.length === 0) return []
  return [[['unknown', `as things stand; ${someOf(after)} ${verb} first`]]]
}

/** Who left it alone, until when, and why. */
export function pausedText({ by, until, reason, isOver }: Pause): string {
  const end = timeOf(until) ?? 'an end'
  return `${isOver ? `pause ended ${end}, by` : 'paused by'} ${by || 'somebody'}${isOver ? '' : ` until ${end}`}: ${reason}`
}

function owedLines(owed: readonly Owed[]): Line[] {
  if (owed.length === 0) return []
  return [
    [],
    [['bold', 'Owed, and done by a later run:']],
    ...owed.map(
      ({ id, trigger, why }): Line => [
        `  ${trigger.reaction} of ${id}, since ${trigger.on} changed`,
        ['dim', `  (${why})`],
      ],
    ),
  ]
}
