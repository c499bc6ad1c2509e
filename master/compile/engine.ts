import type { Environment } from 'minijinja-js'
import { MAX_EXPRESSION_PARTS } from '../../lib/limits.ts'
import { markOf } from '../../lib/secret-mark.ts'
import type { Limits } from '../site/limits.ts'
import { raise, USUAL_LIMITS } from '../site/limits.ts'
import { record } from '../site/tree.ts'
import { type Strict, strictExpression, strictTemplate } from './strict.ts'
import type { TemplateError } from './template-error.ts'
import { readTemplateError } from './template-error.ts'

/** What an expression or template came to, or why it did not. */
export type Rendered<T> =
  | { readonly value: T; readonly error: null }
  | { readonly value: null; readonly error: TemplateError }

export type Values = Readonly<Record<string, unknown>>

type Minijinja = typeof import('minijinja-js')
let loaded: Minijinja | null = null

/** A text with the name under which the engine knows it. */
type Text = Strict & { readonly name: string }

/** Loads the engine, which takes 25 ms; a site without templates and expressions never does. */
export async function loadEngine(): Promise<void> {
  loaded ??= await import('minijinja-js')
}

/** Templates and expressions of one role: it sees its own templates, and the globals that it is given. */
export class Engine {
  readonly #templates: ReadonlyMap<string, Strict>
  readonly #broken = new Map<string, TemplateError>()
  readonly #globals = new Map<string, unknown>()
  readonly #secrets: string[] = []
  readonly #expressions = new Map<string, Strict>()
  readonly #texts = new Map<string, Text>()
  /** Names of the texts that the environment holds. */
  readonly #read = new Set<string>()
  #limits = USUAL_LIMITS
  #environment: Environment

  constructor(templates: ReadonlyMap<string, string>) {
    this.#templates = new Map([...templates].map(([name, source]) => [name, strictTemplate(source)]))
    this.#environment = this.#open()
  }

  /** Templates that are no Jinja, whether anything uses them or not. */
  get broken(): ReadonlyMap<string, TemplateError> {
    return this.#broken
  }

  /** Hands a value over once for all that follows; the same value costs nothing. */
  setGlobal(name: string, value: unknown): void {
    if (this.#globals.has(name) && this.#globals.get(name) === value) return
    this.#globals.set(name, value)
    this.#environment.addGlobal(name, value)
  }

  /** Sites with the same templates share an engine, and each brings its own. */
  setLimits(limits: Limits): void {
    this.#limits = limits
    this.#environment.fuel = limits.render_steps
  }

  /** The value of an expression; `undefined` anywhere in it is an error. */
  evaluate(written: string, local: Values): Rendered<unknown> {
    const strict = remembered(this.#expressions, written, strictExpression)
    if (strict.crowded !== null) return crowdedAt(null, strict.crowded)
    return this.#run(strict, () => {
      const value = this.#environment.evalExpr(strict.source, local)
      // The engine gives `undefined` for none and for undefined alike.
      if (value === undefined) this.#assertDefined(strict.source, written, local)
      else if (hasGaps(value)) this.#assertNoGaps(strict.source, written, local)
      return toPlain(value)
    })
  }

  /** Text with expressions in it. It is read once: a loop renders it for each of its items. */
  text(written: string, local: Values): Rendered<string> {
    const text = remembered(this.#texts, written, () => ({
      ...strictTemplate(written),
      name: `\0${this.#texts.size}`,
    }))
    if (text.crowded !== null) return crowdedAt(null, text.crowded)
    const known = this.#read.has(text.name)
    const outer = this.#run(text, () => {
      if (!known) this.#environment.addTemplate(text.name, text.source)
      this.#read.add(text.name)
      return this.#bounded(this.#environment.renderTemplate(text.name, local))
    })
    return this.#inside(outer, local, [])
  }

  template(name: string, local: Values, outside: readonly string[] = []): Rendered<string> {
    const broken = this.#broken.get(name)
    if (broken !== undefined) return { value: null, error: broken }
    const outer = this.#run(null, () => this.#bounded(this.#environment.renderTemplate(name, local)))
    return this.#inside(outer, local, [...outside, name])
  }

  /** The engine names the place of an `include`; the place that people look for is inside. */
  #inside(outer: Rendered<string>, local: Values, path: readonly string[]): Rendered<string> {
    const inner = outer.error?.inner ?? null
    if (outer.error === null || inner === null || !this.#templates.has(inner)) return outer
    if (path.includes(inner)) {
      const circle = [...path.slice(path.indexOf(inner)), inner].join(' includes ')
      const message = `templates include each other: ${circle}`
      return { value: null, error: { ...outer.error, code: 'E_TEMPLATE_CYCLE', message } }
    }
    const inside = this.template(inner, local, path)
    return inside.error === null ? outer : inside
  }

  /** Secrets that were asked for since the last call. */
  takeSecrets(): string[] {
    return this.#secrets.splice(0)
  }

  #open(): Environment {
    if (loaded === null) throw new Error('the template engine is used before it is loaded')
    const environment = new loaded.Environment()
    environment.undefinedBehavior = 'strict'
    environment.fuel = this.#limits.render_steps
    // As Ansible renders, so that its templates come out alike.
    environment.trimBlocks = true
    environment.lstripBlocks = true
    environment.keepTrailingNewline = true
    environment.enablePyCompat()
    // It prints the whole environment.
    environment.removeGlobal('debug')
    // A function that throws would leave the engine unusable, so this one only takes a note.
    environment.addGlobal('secret', (name: unknown) => {
      this.#secrets.push(String(name))
      return markOf(String(name))
    })
    for (const [name, { source, crowded }] of this.#templates) {
      if (this.#broken.has(name)) continue
      if (crowded !== null) this.#broken.set(name, crowdedAt(name, crowded).error)
      else if (!this.#add(environment, name, source)) return this.#open()
    }
    for (const [name, value] of this.#globals) environment.addGlobal(name, value)
    return environment
  }

  /** Whether the environment can still be used: what is broken is set down, and what breaks the engine as well. */
  #add(environment: Environment, name: string, source: string): boolean {
    try {
      environment.debug = true
      environment.addTemplate(name, escapesByName(name) ? `${NO_ESCAPE}${source}{% endautoescape %}` : source)
    } catch (thrown) {
      this.#broken.set(name, { ...this.#errorOf(thrown, null), template: name })
      if (isTrap(thrown)) return false
    }
    environment.debug = false
    return true
  }

  #run<T>(strict: Strict | null, work: () => T): Rendered<T> {
    try {
      return { value: work(), error: null }
    } catch (thrown) {
      const located = isTrap(thrown) ? thrown : (this.#again(work) ?? thrown)
      if (isTrap(located)) this.#reopen()
      // The engine can fail over a mistake that it marks, such as one at the end of a very long line.
      return { value: null, error: this.#errorOf(isTrap(located) ? thrown : located, strict) }
    } finally {
      this.#environment.debug = false
    }
  }

  /** Only in debug mode does the engine say where, and that makes it ten times slower. */
  #again(work: () => unknown): unknown {
    try {
      this.#environment.debug = true
      work()
      return null
    } catch (thrown) {
      return thrown
    }
  }

  /** A trap inside the engine leaves it unusable. */
  #reopen(): void {
    this.#read.clear()
    this.#environment = this.#open()
  }

  #errorOf(thrown: unknown, strict: Strict | null): TemplateError {
    if (thrown instanceof TooLarge || isTrap(thrown)) return limitError(thrown)
    const error = readTemplateError(thrown instanceof Error ? thrown.message : String(thrown))
    const { template, line } = error
    const shift = template !== null && line === 1 && escapesByName(template) ? NO_ESCAPE.length : 0
    const column = Math.max(1, error.column - shift)
    const source = strict ?? this.#templates.get(template ?? '')
    const known = template !== null && this.#templates.has(template) ? template : null
    return { ...error, template: known, column, ...source?.place(line, column) }
  }

  #bounded(text: string): string {
    const bytes = Buffer.byteLength(text)
    if (bytes > this.#limits.render_bytes) throw new TooLarge(bytes, this.#limits)
    return text
  }

  #assertDefined(expression: string, written: string, local: Values): void {
    if (this.#environment.evalExpr(`(${expression}\n) is defined`, local) !== true) throw undefinedIn(written)
  }

  /** Printed, none and undefined differ; what stands in quotes is text. */
  #assertNoGaps(expression: string, written: string, local: Values): void {
    const printed = String(this.#environment.evalExpr(`(${expression}\n)|string`, local))
    if (/\bundefined\b/.test(printed.replace(/"(?:[^"\\]|\\.)*"/g, ''))) throw undefinedIn(written)
  }
}

function remembered<T>(known: Map<string, T>, source: string, make: (source: string) => T): T {
  let made = known.get(source)
  if (made === undefined) {
    made = make(source)
    known.set(source, made)
  }
  return made
}

/** A fault inside the engine's WebAssembly. */
const isTrap = (thrown: unknown) =>
  thrown instanceof RangeError || (thrown instanceof Error && thrown.name === 'RuntimeError')

const NOWHERE = { template: null, line: 1, column: 1, inner: null, excerpt: '' }

function crowdedAt(
  template: string | null,
  place: { readonly line: number; readonly column: number },
): { readonly value: null; readonly error: TemplateError } {
  const message = `an expression has more than ${MAX_EXPRESSION_PARTS} parts, which is more than the engine bears`
  const hint = 'put the values into data/, or make it of several'
  return { value: null, error: { ...NOWHERE, code: 'E_TEMPLATE_LIMIT', message, hint, template, ...place } }
}

function limitError(thrown: unknown): TemplateError {
  const isOurs = thrown instanceof TooLarge
  const message = isOurs
    ? thrown.message
    : 'the engine fails over it: it takes too much memory, or has a mistake in a very long line'
  return { ...NOWHERE, code: 'E_TEMPLATE_LIMIT', message, hint: isOurs ? thrown.hint : null }
}

/** As the engine would say it. */
function undefinedIn(expression: string): Error {
  const marks = '^'.repeat(expression.length)
  return new Error(`undefined value (in <expression>:1)\n   1 > ${expression}\n     i ${marks}`)
}

/** `+` keeps the newline that a block would swallow here. */
const NO_ESCAPE = '{% autoescape false +%}'

/** The engine escapes by a template's name; what is written here are files of a host, never pages. */
const escapesByName = (name: string) => /\.(?:html?|xml|json5?|js|ya?ml)(?:\.j2|\.jinja2?)?$/.test(name)

class TooLarge extends Error {
  readonly hint: string | null
  constructor(bytes: number, limits: Limits) {
    super(`the rendered text has ${bytes} bytes, at most ${limits.render_bytes} are allowed`)
    this.hint = raise('render_bytes', limits)
  }
}

function hasGaps(value: unknown): boolean {
  if (value === undefined) return true
  if (Array.isArray(value)) return value.some(hasGaps)
  return value instanceof Map && [...value.values()].some(hasGaps)
}

/** The engine gives maps as `Map`, sorted by key. */
function toPlain(value: unknown): unknown {
  if (value === undefined) return null
  if (Array.isArray(value)) return value.map(toPlain)
  if (value instanceof Map) return record([...value].map(([key, one]) => [String(key), toPlain(one)]))
  return value
}
