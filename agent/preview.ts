import type { Content } from '../lib/catalog.ts'
import type { Host } from '../lib/host.ts'
import { MAX_DIFF_BYTES, MAX_DIFF_LINES } from '../lib/limits.ts'
import type { Preview } from '../lib/outcome.ts'
import type { Step } from '../lib/step.ts'

/** The diffs of what steps would write, from the host as it is now. */
export async function previewsOf(steps: readonly Step[], host: Host, blobs: Content): Promise<Preview[]> {
  const previews: Preview[] = []
  for (const step of steps) {
    if (step.do !== 'write') continue
    const content = 'text' in step.content ? step.content.text : blobs.get(step.content.sha256)
    if (content !== undefined) previews.push(await preview(step.path, content, host))
  }
  return previews
}

/** Loaded when there is a difference to show: most runs have none. */
async function unified(path: string, before: string, after: string): Promise<string[] | null> {
  const { createTwoFilesPatch } = await import('diff')
  const options = { context: 3, timeout: 300 }
  const patch = createTwoFilesPatch(path, path, before, after, undefined, undefined, options)
  // Without the names of the two files, which are one.
  return patch?.replace(/\n$/, '').split('\n').slice(4) ?? null
}

async function preview(path: string, content: string | Buffer, host: Host): Promise<Preview> {
  const now = await host.stat(path)
  if (now !== null && now.kind !== 'file') return without(path, `a ${now.kind} until now`)
  const [old, bytes] = [now?.bytes ?? 0, Buffer.byteLength(content)]
  if (Math.max(old, bytes) > MAX_DIFF_BYTES) return without(path, sizes(old, bytes, 'too large for a diff'))
  const before = now === null ? '' : ((await host.text(path)) ?? '')
  return textPreview(path, before, content.toString())
}

/** The diff of two texts of at most `MAX_DIFF_BYTES`. */
export async function textPreview(path: string, before: string, after: string): Promise<Preview> {
  const [old, bytes] = [Buffer.byteLength(before), Buffer.byteLength(after)]
  if (isBinary(before) || isBinary(after)) return without(path, sizes(old, bytes, 'binary'))
  const lines = before === '' ? allNew(after) : await unified(path, before, after)
  if (lines === null) return without(path, sizes(old, bytes, 'too different for a diff'))
  const more = lines.length - MAX_DIFF_LINES
  const note = more > 0 ? `${more} more ${more === 1 ? 'line' : 'lines'}` : null
  const diff = lines.slice(0, MAX_DIFF_LINES).join('\n')
  return { path, diff, note, added: count(lines, '+'), removed: count(lines, '-') }
}

const without = (path: string, note: string): Preview => ({ path, diff: null, note, added: 0, removed: 0 })

/** As a diff would show it, without looking for what two texts have in common when one is empty. */
function allNew(text: string): string[] {
  if (text === '') return []
  const lines = text.replace(/\n$/, '').split('\n')
  const end = text.endsWith('\n') ? [] : ['\\ No newline at end of file']
  return [`@@ -0,0 +1,${lines.length} @@`, ...lines.map((line) => `+${line}`), ...end]
}

function count(lines: readonly string[], mark: '+' | '-'): number {
  let found = 0
  for (const line of lines) if (line.startsWith(mark)) found += 1
  return found
}

const sizes = (before: number, after: number, why: string) => `${why}: ${before} -> ${after} bytes`

// U+FFFD stands where bytes were no UTF-8.
const isBinary = (text: string) => text.includes('\0') || text.includes('\ufffd')
