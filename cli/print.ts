import { createColors } from 'picocolors'
import { escapeText } from './escape.ts'

export type Style = 'add' | 'change' | 'remove' | 'fail' | 'unknown' | 'dim' | 'bold' | 'hunk'

/** A piece of a line. Pieces are escaped and coloured here and nowhere else. */
export type Span = string | readonly [Style, string]
export type Line = readonly Span[]

export type When = 'auto' | 'always' | 'never'

/** The part of a stream that is written to. */
export type Sink = { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number }

/** The two streams as people see them: data on `out`, progress and prose on `err`. */
export interface Print {
  /** Lines of data for people. */
  out(lines: readonly Line[]): void
  /** Machine output, as it is. */
  raw(text: string): void
  err(lines: readonly Line[]): void
  /** Replaces the line that the last call showed; `null` takes it away. Shows nothing but on a terminal. */
  live(line: Line | null): void
  /** Whether `live` shows anything. */
  readonly liveShown: boolean
}

export type Environment = Readonly<Record<string, string | undefined>>

/** The flag goes first, then `NO_COLOR`, then `FORCE_COLOR`, then what the stream is. */
export function wantsColour(when: When, env: Environment, stream: Sink): boolean {
  if (when !== 'auto') return when === 'always'
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') return env.FORCE_COLOR !== '0'
  return stream.isTTY === true && env.TERM !== 'dumb'
}

export function openPrint(
  { stdout, stderr, env }: { stdout: Sink; stderr: Sink; env: Environment },
  when: When = 'auto',
): Print {
  const paintOut = painter(wantsColour(when, env, stdout))
  const paintErr = painter(wantsColour(when, env, stderr))
  const liveShown = stderr.isTTY === true && env.TERM !== 'dumb' && !env.CI
  let live = false
  const clear = () => {
    if (live) stderr.write('\r\u001b[K')
    live = false
  }
  return {
    out(lines) {
      if (lines.length === 0) return
      clear()
      stdout.write(lines.map((line) => `${line.map(paintOut).join('')}\n`).join(''))
    },
    raw(text) {
      clear()
      stdout.write(text)
    },
    err(lines) {
      if (lines.length === 0) return
      clear()
      stderr.write(lines.map((line) => `${line.map(paintErr).join('')}\n`).join(''))
    },
    live(line) {
      if (!liveShown) return
      clear()
      if (line === null) return
      stderr.write(line.map((span) => paintErr(shorten(span, stderr.columns ?? 80))).join(''))
      live = true
    },
    liveShown,
  }
}

/** A line that wraps could not be taken back. */
const shorten = (span: Span, columns: number): Span =>
  typeof span === 'string' && span.length > columns - 1 ? `${span.slice(0, columns - 2)}…` : span

function painter(colour: boolean): (span: Span) => string {
  const c = createColors(colour)
  const styles: Readonly<Record<Style, (text: string) => string>> = {
    add: c.green,
    change: c.yellow,
    remove: c.red,
    fail: c.red,
    unknown: c.magenta,
    dim: c.dim,
    bold: c.bold,
    hunk: c.cyan,
  }
  return (span) => (typeof span === 'string' ? escapeText(span) : styles[span[0]](escapeText(span[1])))
}

/** The lines of a text that may have several. */
export const linesOf = (text: string): string[] => text.replace(/\n+$/, '').split('\n')
