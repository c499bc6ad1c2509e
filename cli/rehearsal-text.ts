import { count } from '../lib/count.ts'
import { type Outcome, summarise } from '../lib/outcome.ts'
import type { Asked, Effect, Rehearsal } from '../lib/rehearsal.ts'
import type { Change, ResourceId } from '../lib/state.ts'
import {
  failedLines,
  indent,
  leavingLines,
  MARKS,
  markOf,
  originOf,
  previewLines,
  type Show,
  skippedText,
} from './plan-text.ts'
import type { Line, Span } from './print.ts'
import { durationText, fieldText, someOf, valueText } from './value-text.ts'

const SIGNS = { created: MARKS.add, changed: MARKS.change, removed: MARKS.remove } as const
const ID_COLUMN = 44
const MEGABYTE = 1024 * 1024

/** What an apply did to a copy of a host, for people: by resource, and what is by none at the end. */
export function rehearsalLines(rehearsal: Rehearsal, show: Show): Line[] {
  const { outcomes, settings, more, volatile } = rehearsal
  const statuses = new Map(outcomes.map(({ id, status }) => [id, status]))
  const known = new Set(outcomes.map(({ id }) => id))
  const shown = outcomes.filter(
    ({ id, status, stays }) =>
      status !== 'settled' || show.all || stays !== undefined || isBusy(id, rehearsal),
  )
  const rest = { effects: rehearsal.effects.filter(isNobodys), asked: rehearsal.asked.filter(isNobodys) }
  function isNobodys({ by }: { readonly by: ResourceId | null }): boolean {
    return by === null || !known.has(by)
  }
  const restLines = workLines(null, rest.effects, rest.asked, rehearsal, show)
  return [
    ...shown.flatMap((outcome): Line[] => [
      headLine(outcome, originOf(outcome, rehearsal.origins[outcome.id])),
      ...indent(indent(bodyLines(outcome, statuses, rehearsal, show))),
    ]),
    ...(restLines.length > 0 ? [[['bold', 'by no resource'] as const], ...indent(indent(restLines))] : []),
    ...settings.map((one): Line => [['change', '~ kernel setting '], changeText(one)]),
    ...(more > 0 ? [[['dim', `${count(more, 'more path')} are not told of`] as const]] : []),
    ...(volatile > 0
      ? [[['dim', `not shown: ${count(volatile, 'path')} of caches, logs and databases`] as const]]
      : []),
  ]
}

const isBusy = (id: ResourceId, { effects, asked }: Rehearsal) =>
  effects.some(({ by }) => by === id) || asked.some(({ by }) => by === id)

function headLine(outcome: Outcome, origin: string): Line {
  const [symbol, style] = MARKS[markOf(outcome)]
  const gap = ' '.repeat(Math.max(2, ID_COLUMN - outcome.id.length))
  return [[style, `${symbol} ${outcome.id}`], ...(origin === '' ? [] : [gap, ['dim', origin] as const])]
}

function bodyLines(
  outcome: Outcome,
  statuses: ReadonlyMap<ResourceId, string>,
  rehearsal: Rehearsal,
  show: Show,
): Line[] {
  const { id } = outcome
  const effects = rehearsal.effects.filter(({ by }) => by === id)
  const asked = rehearsal.asked.filter(({ by }) => by === id)
  const together = 'with' in outcome && outcome.with !== null ? [`together with ${outcome.with}`] : []
  return [
    ...leavingLines(outcome),
    ...(outcome.status === 'failed' ? failedLines(outcome) : []),
    ...(outcome.status === 'skipped' ? [[['dim', skippedText(outcome.because, statuses)] as const]] : []),
    ...workLines(id, effects, asked, rehearsal, show),
    ...together.map((text): Line => [['dim', text]]),
  ]
}

function workLines(
  id: ResourceId | null,
  effects: readonly Effect[],
  asked: readonly Asked[],
  { scripts }: Rehearsal,
  show: Show,
): Line[] {
  const own = effects.filter(({ named }) => named)
  const brought = effects.filter((one) => one.package !== null)
  const made = effects.filter((one) => !one.named && one.package === null)
  const names = Object.keys(scripts).filter((name) => (scripts[name] ?? []).length > 0)
  const isApt = brought.length > 0 || (id?.startsWith('package:') ?? false)
  const who = isApt && names.length > 0 ? `scripts of ${someOf(names)}` : 'its commands'
  return [
    ...own.flatMap((one) => effectLines(one, show)),
    ...(show.all || show.wide ? brought.flatMap((one) => effectLines(one, show)) : packageLines(brought)),
    ...(made.length > 0 && id !== null ? [[`by ${who}:`]] : []),
    ...made.flatMap((one) => (id === null ? effectLines(one, show) : indent(effectLines(one, show)))),
    ...[...new Set(asked.map(({ verb, unit }) => `would ${verb}${unit === '' ? '' : ` ${unit}`}`))].map(
      (text): Line => [['change', text]],
    ),
  ]
}

/** One line for each package. */
function packageLines(effects: readonly Effect[]): Line[] {
  const names = [...new Set(effects.map((one) => one.package ?? ''))]
  return names.map((name): Line => {
    const of = (change: Effect['change']) =>
      effects.filter((one) => one.package === name && one.change === change).length
    const spans = (['created', 'changed', 'removed'] as const).flatMap((change): Span[] => {
      const [sign, style] = SIGNS[change]
      return of(change) === 0 ? [] : [[style, `${sign}${of(change)}`], ' ']
    })
    return [...spans, `paths of package ${name}`]
  })
}

function effectLines(effect: Effect, show: Show): Line[] {
  const [sign, style] = SIGNS[effect.change]
  const { path, kind, preview, change } = effect
  const counts: Span[] =
    preview?.diff == null ? [] : [' ', ['add', `+${preview.added}`], ' ', ['remove', `-${preview.removed}`]]
  const words = change === 'created' ? newText(effect) : effect.changes.map(changeText).join(', ')
  return [
    [[style, `${sign} ${path}${kind === 'directory' ? '/' : ''}`], ...counts, ['dim', words && `  ${words}`]],
    ...(preview === null ? [] : indent(previewLines(preview, change === 'created', show))),
  ]
}

const USUAL = new Set(['mode 0644', 'owner root', 'group root'])

/** What is not as it is with most files. */
function newText({ kind, changes }: Effect): string {
  const target = changes.find(({ field }) => field === 'target')?.to
  const others = changes.filter(({ field, to }) => !['kind', 'target'].includes(field) && to !== null)
  const texts = others.map(({ field, to }) => `${field} ${to}`)
  const unusual = texts.filter((text) => !USUAL.has(text) && !(kind === 'directory' && text === 'mode 0755'))
  return [...(target == null ? [] : [`-> ${target}`]), ...unusual].join(', ')
}

const changeText = ({ field, from, to }: Change) =>
  `${fieldText(field)} ${valueText(from)} -> ${valueText(to)}`

/** The verdict in one line. */
export function rehearsalSummary({ effects, more, outcomes, bytes, ms }: Rehearsal): Line {
  const of = (change: Effect['change']) => effects.filter((one) => one.change === change).length
  const parts = (['created', 'changed', 'removed'] as const).filter((one) => of(one) > 0)
  const { failed, skipped } = summarise(outcomes)
  const bad = [[failed, 'failed'] as const, [skipped, 'skipped'] as const].filter(([n]) => n > 0)
  const paths = parts.map((one) => `${of(one)} ${one}`).join(', ')
  return [
    [
      'bold',
      `Rehearsed: ${parts.length === 0 && more === 0 ? 'no path would be another' : `paths: ${paths}`}`,
    ],
    ...(bad.length > 0 ? ['; ', ['fail', bad.map(([n, word]) => `${n} ${word}`).join(', ')] as const] : []),
    '; the host is as it was',
    ['dim', ` (${durationText(ms)}, ${Math.ceil(bytes / MEGABYTE)} MB of memory)`],
  ]
}
