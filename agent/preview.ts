import type { Blobs } from '../lib/catalog.ts'
import type { Host } from '../lib/host.ts'
import { MAX_DIFF_BYTES, MAX_DIFF_LINES } from '../lib/limits.ts'
import type { Preview } from '../lib/outcome.ts'
import type { Step } from '../lib/step.ts'

/** The diffs of what steps would write, from the host as it is now. */
export async function previewsOf(steps: readonly Step[], host: Host, blobs: Blobs): Promise<Preview[]> {
  const previews: Preview[] = []
  for (const step of steps) {
    if (step.do !== 'write') continue
    const bytes = 'text' in step.content ? Buffer.from(step.content.text) : blobs.get(step.content.sha256)
    if (bytes) previews.push(await preview(step.path, bytes, host))
  }
  return previews
}

/** Loaded when there is a difference to show: most runs have none. */
async function unified(path: string, before: string, after: string): Promise<string | undefined> {
  const { createTwoFilesPatch } = await import('diff')
  return createTwoFilesPatch(path, path, before, after, undefined, undefined, { context: 3, timeout: 300 })
}

async function preview(path: string, after: Buffer, host: Host): Promise<Preview> {
  const now = await host.stat(path)
  const without = (note: string): Preview => ({ path, diff: null, note, added: 0, removed: 0 })
  if (now !== null && now.kind !== 'file') return without(`a ${now.kind} until now`)
  if (Math.max(now?.bytes ?? 0, after.length) > MAX_DIFF_BYTES)
    return without(sizes(now?.bytes ?? 0, after.length, 'too large for a diff'))
  const before = now === null ? '' : ((await host.text(path)) ?? '')
  if (isBinary(before) || isBinary(after.toString('utf8')))
    return without(sizes(now?.bytes ?? 0, after.length, 'binary'))
  const diff =
    before === '' ? allNew(after.toString('utf8')) : await unified(path, before, after.toString('utf8'))
  if (diff === undefined) return without(sizes(now?.bytes ?? 0, after.length, 'too different for a diff'))
  const lines = diff.split('\n').slice(4)
  const count = (mark: string) => lines.filter((line) => line.startsWith(mark)).length
  const shown = lines.slice(0, MAX_DIFF_LINES)
  const note = lines.length > shown.length ? `${lines.length - shown.length} more lines` : null
  return { path, diff: shown.join('\n').trimEnd(), note, added: count('+'), removed: count('-') }
}

/** As a diff would show it, without looking for what two texts have in common when one is empty. */
function allNew(text: string): string {
  const lines = text.replace(/\n$/, '').split('\n')
  return ['', '', '', '', `@@ -0,0 +1,${lines.length} @@`, ...lines.map((line) => `+${line}`)].join('\n')
}

const sizes = (before: number, after: number, why: string) => `${why}: ${before} -> ${after} bytes`

// U+FFFD stands where bytes were no UTF-8.
const isBinary = (text: string) => text.includes('\0') || text.includes('\ufffd')
