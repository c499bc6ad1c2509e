import type { BlamedSource__Output } from '../proto/gen/drover/v1/BlamedSource.ts'
import type { DriftRow__Output } from '../proto/gen/drover/v1/DriftRow.ts'
import { escapeText } from './escape.ts'
import type { Line } from './print.ts'
import { changesOf } from './run-body.ts'
import { fieldText, isContent, valueText } from './value-text.ts'

/** What a host has in place of what its site says, as a patch to the site, and what can't be one. */
export type SitePatch = { readonly patch: readonly string[]; readonly rest: readonly Line[] }

/** What differs, and what each of its declarations is made of. */
export type DriftedSource = {
  readonly row: DriftRow__Output
  readonly sources: readonly Pick<BlamedSource__Output, 'role' | 'origin' | 'file'>[]
}

/** A patch that `git apply` takes, for files that the site brings as they are; and for all else why it is none. */
export function sitePatch(drifted: readonly DriftedSource[]): SitePatch {
  const patch: string[] = []
  const rest: Line[] = []
  const patched = new Map<string, string>()
  for (const one of drifted) {
    const changes = changesOf(one.row.changes)
    const content = changes.filter(isContent)
    const others = changes.filter((change) => !isContent(change))
    if (content.length > 0) {
      const path = one.sources[0]?.file ?? ''
      const hunks = whyNot(one) ?? twice(path, patched) ?? turned(one.row.diff)
      if (typeof hunks === 'string') rest.push(...restLines(one, content, hunks))
      else {
        patched.set(path, one.row.resource)
        patch.push(`diff --git a/${path} b/${path}`, `--- a/${path}`, `+++ b/${path}`, ...hunks)
      }
    }
    if (others.length > 0) rest.push(...restLines(one, others, 'no content of a file'))
  }
  return { patch, rest }
}

/** Why the content of a resource is no patch; `null`: it may be one. */
function whyNot({ row: { changes, diff }, sources }: DriftedSource): string | null {
  const [source] = sources
  if (source === undefined) return 'it is not known where it is declared'
  if (sources.length > 1) return 'several roles declare it'
  if (changesOf(changes).some(({ field }) => field === 'exists')) return 'the file is not there'
  if (source.file === '') return 'its content stands in the role, or is not known any more'
  if (!/^roles\/[^/]+\/files\//.test(source.file)) return `it is made from ${source.file}`
  if (diff === '') return 'its diff is not known: it is too large, binary, or holds a secret'
  // A secret that was taken out, and what would do something to a terminal.
  if (diff.includes('‹secret:')) return 'it holds a secret'
  return diff.split('\n').some((line) => escapeText(line) !== line)
    ? 'it holds characters that a terminal would obey'
    : null
}

const twice = (path: string, patched: ReadonlyMap<string, string>) =>
  patched.has(path) ? `${path} is patched for ${patched.get(path)} already` : null

function restLines(
  { row: { resource, origin }, sources: [source] }: DriftedSource,
  changes: readonly { readonly field: string; readonly from: unknown; readonly to: unknown }[],
  why: string,
): Line[] {
  const place = source === undefined ? origin : `${source.role}  ${source.origin}`
  const fields = changes.map((change) =>
    isContent(change)
      ? fieldText(change.field)
      : `${fieldText(change.field)} is ${valueText(change.from)}, declared ${valueText(change.to)}`,
  )
  return [
    [['bold', resource], '  ', ['dim', place]],
    [`    ${fields.join('; ')}`, ['dim', `  (${why})`]],
  ]
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$/

const NOT_WHOLE = 'its diff is too long to be kept whole'

/** A diff from the host to the site as one from the site to the host; or why it is none. */
function turned(diff: string): string[] | string {
  const out: string[] = []
  const lines = diff.split('\n')
  for (let at = 0; at < lines.length; ) {
    const head = HUNK.exec(lines[at] ?? '')
    if (head === null) return NOT_WHOLE
    const [, from, fromCount = '1', to, toCount = '1'] = head
    const body: string[] = []
    for (at += 1; at < lines.length && !lines[at]?.startsWith('@@'); at += 1) body.push(lines[at] ?? '')
    const count = (marks: string) => body.filter((line) => marks.includes(line.charAt(0) || 'x')).length
    if (count(' -') !== Number(fromCount) || count(' +') !== Number(toCount)) return NOT_WHOLE
    out.push(`@@ -${to},${toCount} +${from},${fromCount} @@`, ...turnedLines(body))
  }
  return out
}

/** What is taken away comes before what takes its place. */
function turnedLines(body: readonly string[]): string[] {
  const out: string[] = []
  let [removed, added]: string[][] = [[], []]
  let last: string[] = out
  const flush = () => {
    out.push(...(removed ?? []), ...(added ?? []))
    removed = []
    added = []
  }
  for (const line of body) {
    if (line.startsWith('+')) {
      last = removed ??= []
      last.push(`-${line.slice(1)}`)
    } else if (line.startsWith('-')) {
      last = added ??= []
      last.push(`+${line.slice(1)}`)
    } else if (line.startsWith('\\')) last.push(line)
    else {
      flush()
      last = out
      out.push(line)
    }
  }
  flush()
  return out
}
