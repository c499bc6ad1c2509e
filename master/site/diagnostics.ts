import { MAX_DIAGNOSTICS } from '../../lib/limits.ts'

/** Where something stands in the site. Line and column count from 1. */
export type Place = { readonly file: string; readonly line: number; readonly column: number }

export type Severity = 'error' | 'warning'

/** One mistake in a site, for a person and for a program. */
export type Diagnostic = Place & {
  readonly severity: Severity
  /** A stable word such as `E_YAML_ALIAS`. */
  readonly code: string
  /** What failed, on what and why. */
  readonly message: string
  /** The values or keys that would have been accepted. */
  readonly allowed: string | null
  /** What to do, when that is known. */
  readonly hint: string | null
}

export type Extra = { readonly allowed?: string | null; readonly hint?: string | null }

/** Gathers every mistake of one reading, so that none hides another. */
export class Diagnostics {
  readonly #all = new Map<string, Diagnostic>()
  readonly #atPlace = new Map<string, number>()
  #errors = 0
  #dropped = false

  error(code: string, place: Place, message: string, extra: Extra = {}): void {
    this.#add('error', code, place, message, extra)
  }

  warning(code: string, place: Place, message: string, extra: Extra = {}): void {
    this.#add('warning', code, place, message, extra)
  }

  addAll(diagnostics: Iterable<Diagnostic>): void {
    for (const diagnostic of diagnostics) this.#keep(diagnostic)
  }

  get failed(): boolean {
    return this.#errors > 0
  }

  /** How often an error was found; it grows with each, also with those that were said before. */
  get errors(): number {
    return this.#errors
  }

  /** By file, line and column, at most `MAX_DIAGNOSTICS` and one that says that there are more; what stands at one place keeps the order in which it was found. */
  sorted(): Diagnostic[] {
    const all = [...this.#all.values()].sort(byPlace)
    return this.#dropped ? [...all, more(this.failed ? 'error' : 'warning')] : all
  }

  #add(severity: Severity, code: string, place: Place, message: string, extra: Extra): void {
    const { file, line, column } = place
    const { allowed = null, hint = null } = extra
    this.#keep({ severity, code, file, line, column, message, allowed, hint })
  }

  // One role on a hundred hosts says a thing once, and a loop of ten thousand items says it three times.
  #keep(diagnostic: Diagnostic): void {
    const { severity, code, file, line, column, message } = diagnostic
    const place = `${code}\0${file}\0${line}\0${column}`
    const key = `${place}\0${message}`
    if (severity === 'error') this.#errors += 1
    const count = this.#atPlace.get(place) ?? 0
    if (this.#all.has(key) || count >= MAX_AT_ONE_PLACE) return
    if (this.#all.size >= MAX_DIAGNOSTICS) {
      this.#dropped = true
      return
    }
    this.#atPlace.set(place, count + 1)
    this.#all.set(key, diagnostic)
  }
}

const MAX_AT_ONE_PLACE = 3

function more(severity: Severity): Diagnostic {
  const message = `the site has more mistakes than these ${MAX_DIAGNOSTICS}`
  const place = { file: '.', line: 1, column: 1 }
  return { severity, code: 'E_LIMIT', ...place, message, allowed: null, hint: 'mend these first' }
}

function byPlace(a: Place, b: Place): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || a.column - b.column
}
