import { readFileSync, realpathSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { count } from '../lib/count.ts'
import type { Diagnostic } from '../master/site/diagnostics.ts'
import { escapeText } from './escape.ts'
import type { Line, Print } from './print.ts'
import { type BadSite, shippedRoles } from './site.ts'

// A line of a site that is longer is cut around the place that is meant.
const MAX_EXCERPT_CHARACTERS = 110
const MAX_EXCERPT_FILE_BYTES = 8 * 1024 * 1024
// What is beyond is counted: the first ones are mended first.
const MAX_PRINTED = 200
const SHIPPED = '<drover>/roles/'

/** Mistakes of a site, file by file, each with its line and a caret below the place. */
export function diagnosticLines(dir: string, diagnostics: readonly Diagnostic[]): Line[] {
  const textOf = excerpts(dir)
  const lines: Line[] = []
  let file: string | null = null
  for (const one of diagnostics.slice(0, MAX_PRINTED)) {
    if (one.file === '.') {
      lines.push(...wholeLines(one))
      continue
    }
    if (one.file !== file) lines.push(...(file === null ? [] : [[]]), [['bold', one.file]])
    file = one.file
    lines.push(...entryLines(one, textOf(one)))
  }
  const more = diagnostics.length - MAX_PRINTED
  return more > 0 ? [...lines, [['dim', `and ${more} more, see them with "drover lint --json"`]]] : lines
}

/** What is wrong with the site as a whole stands in no file. */
function wholeLines({ severity, message, hint }: Diagnostic): Line[] {
  return [
    [[styleOf(severity), `${severity}: `], message],
    ...(hint === null ? [] : [[['dim', '      hint: '] as const, hint]]),
  ]
}

const styleOf = (severity: Diagnostic['severity']) => (severity === 'error' ? 'fail' : 'change')

function entryLines(one: Diagnostic, text: string | null): Line[] {
  const { severity, line, column, message, code, allowed, hint } = one
  const place = `${one.file}:${line}:${column}`
  return [
    [`  ${place} `, [styleOf(severity), `${severity}: `], message, ['dim', `  ${code}`]],
    ...(text === null ? [] : excerptLines(text, line, column)),
    ...(allowed === null ? [] : [[['dim', '      allowed: '] as const, allowed]]),
    ...(hint === null ? [] : [[['dim', '      hint: '] as const, hint]]),
  ]
}

function excerptLines(text: string, line: number, column: number): Line[] {
  const from = Math.max(
    0,
    Math.min(column - 1 - MAX_EXCERPT_CHARACTERS / 2, text.length - MAX_EXCERPT_CHARACTERS),
  )
  const shown = text.slice(from, from + MAX_EXCERPT_CHARACTERS).replaceAll('\t', ' ')
  const gutter = `${String(line).padStart(6)} | `
  // What is escaped is wider than what it stands for.
  const before = escapeText(shown.slice(0, column - 1 - from)).length
  return [
    [['dim', gutter], shown],
    [
      ['dim', `${' '.repeat(gutter.length - 2)}| ${' '.repeat(before)}`],
      ['fail', '^'],
    ],
  ]
}

/** The line that a diagnostic is about; `null` when it can't be shown. */
function excerpts(dir: string): (one: Diagnostic) => string | null {
  const known = new Map<string, readonly string[] | null>()
  return ({ file, line, code }) => {
    // What stands there is the secret.
    if (code === 'E_PLAINTEXT_SECRET') return null
    if (!known.has(file)) known.set(file, linesOfFile(dir, file))
    const text = known.get(file)?.[line - 1]
    return text === undefined || text.trim() === '' ? null : text
  }
}

function linesOfFile(dir: string, file: string): readonly string[] | null {
  const shipped = file.startsWith(SHIPPED)
  const root = shipped ? (shippedRoles() ?? '') : dir
  try {
    const path = realpathSync(join(root, shipped ? file.slice(SHIPPED.length) : file))
    // A link may lead to what nobody but us may read, and into git's own files.
    const [first] = relative(realpathSync(root), path).split(sep)
    if (first === '..' || first === '.git') return null
    const stat = statSync(path)
    return stat.isFile() && stat.size <= MAX_EXCERPT_FILE_BYTES
      ? readFileSync(path, 'utf8').split(/\r?\n/)
      : null
  } catch {
    // Not there, or not for us to read: the mistake is told without it.
    return null
  }
}

/** `2 errors, 1 warning`. */
export function tally(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const warnings = diagnostics.length - errors
  const parts = [
    ...(errors > 0 ? [count(errors, 'error')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ]
  return parts.join(', ') || 'no errors, no warnings'
}

export function printDiagnostics({ dir, diagnostics }: BadSite, print: Print): void {
  const lines = diagnosticLines(dir, diagnostics)
  print.err([...lines, [], [['fail', 'error: '], `the site has ${tally(diagnostics)}; nothing was done`]])
}
