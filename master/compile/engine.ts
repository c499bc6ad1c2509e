import type { Environment } from 'minijinja-js'
import { MAX_RENDER_BYTES, MAX_RENDER_FUEL } from '../../lib/limits.ts'
import { record } from '../site/tree.ts'
import type { TemplateError } from './template-error.ts'
import { readTemplateError } from './template-error.ts'

/** What an expression or template came to, or why it did not. */
export type Rendered<T> =
  | { readonly value: T; readonly error: null }
  | { readonly value: null; readonly error: TemplateError }

export type Values = Readonly<Record<string, unknown>>

type Minijinja = typeof import('minijinja-js')
let loaded: Minijinja | null = null

/** Loads the engine, which takes 25 ms; a site without templates and expressions never does. */
export async function loadEngine(): Promise<void> {
  loaded ??= await import('minijinja-js')
}

/** Templates and expressions of one role: it sees its own templates, and the globals that it is given. */
export class Engine {
  readonly #templates: ReadonlyMap<string, string>
  readonly #broken = new Map<string, TemplateError>()
  readonly #globals = new Map<string, unknown>()
  readonly #secrets: string[] = []
  #environment: Environment

  constructor(templates: ReadonlyMap<string, string>) {
    this.#templates = templates
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

  /** The value of an expression; `undefined` anywhere in it is an error. */
  evaluate(expression: string, local: Values): Rendered<unknown> {
    return this.#run(() => {
      const value = this.#environment.evalExpr(expression, local)
      // The engine gives `undefined` for none and for undefined alike.
      if (value === undefined) this.#assertDefined(expression, local)
      else if (hasGaps(value)) this.#assertNoGaps(expression, local)
      return toPlain(value)
    })
  }

  /** Text with expressions in it. */
  text(source: string, local: Values): Rendered<string> {
    return this.#bounded(() => this.#environment.renderNamedStr('text', source, local))
  }

  template(name: string, local: Values): Rendered<string> {
    const broken = this.#broken.get(name)
    if (broken !== undefined) return { value: null, error: broken }
    const outer = this.#bounded(() => this.#environment.renderTemplate(name, local))
    // The engine names the place of an `include`; the place that people look for is inside.
    const inner = outer.error?.inner ?? null
    if (inner === null || !this.#templates.has(inner)) return outer
    const inside = this.template(inner, local)
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
    environment.debug = true
    environment.fuel = MAX_RENDER_FUEL
    // As Ansible renders, so that its templates come out alike.
    environment.trimBlocks = true
    environment.lstripBlocks = true
    environment.keepTrailingNewline = true
    environment.enablePyCompat()
    // It prints the whole environment.
    environment.removeGlobal('debug')
    // A function that throws would leave the engine unusable, so these only take notes.
    environment.addGlobal('secret', (name: unknown) => {
      this.#secrets.push(String(name))
      return ''
    })
    for (const [name, source] of this.#templates) this.#add(environment, name, source)
    for (const [name, value] of this.#globals) environment.addGlobal(name, value)
    return environment
  }

  #add(environment: Environment, name: string, source: string): void {
    try {
      environment.addTemplate(name, escapesByName(name) ? `${NO_ESCAPE}${source}{% endautoescape %}` : source)
    } catch (thrown) {
      this.#broken.set(name, this.#errorOf(thrown))
    }
  }

  #bounded(render: () => string): Rendered<string> {
    return this.#run(() => {
      const text = render()
      const bytes = Buffer.byteLength(text)
      if (bytes > MAX_RENDER_BYTES) throw new TooLarge(bytes)
      return text
    })
  }

  #run<T>(work: () => T): Rendered<T> {
    try {
      return { value: work(), error: null }
    } catch (thrown) {
      // A trap inside the engine leaves it unusable.
      if (isTrap(thrown)) this.#environment = this.#open()
      return { value: null, error: this.#errorOf(thrown) }
    }
  }

  #errorOf(thrown: unknown): TemplateError {
    if (thrown instanceof TooLarge) {
      const message = `the rendered text has ${thrown.bytes} bytes, at most ${MAX_RENDER_BYTES} are allowed`
      return { ...NOWHERE, code: 'E_TEMPLATE_LIMIT', message, hint: null }
    }
    if (isTrap(thrown)) {
      const message = 'the template takes more memory than the engine has'
      return { ...NOWHERE, code: 'E_TEMPLATE_LIMIT', message, hint: null }
    }
    const error = readTemplateError(thrown instanceof Error ? thrown.message : String(thrown))
    const shift =
      error.line === 1 && error.template !== null && escapesByName(error.template) ? NO_ESCAPE.length : 0
    return { ...error, column: Math.max(1, error.column - shift) }
  }

  #assertDefined(expression: string, local: Values): void {
    if (this.#environment.evalExpr(`(${expression}\n) is defined`, local) === true) return
    throw new Error(
      `undefined value (in <expression>:1)\n   1 > ${expression}\n     i ${'^'.repeat(expression.length)}`,
    )
  }

  /** Printed, none and undefined differ; what stands in quotes is text. */
  #assertNoGaps(expression: string, local: Values): void {
    const printed = String(this.#environment.evalExpr(`(${expression}\n)|string`, local))
    const bare = printed.replace(/"(?:[^"\\]|\\.)*"/g, '')
    if (!/\bundefined\b/.test(bare)) return
    throw new Error(
      `undefined value (in <expression>:1)\n   1 > ${expression}\n     i ${'^'.repeat(expression.length)}`,
    )
  }
}

/** A fault inside the engine's WebAssembly. */
const isTrap = (thrown: unknown) => thrown instanceof Error && thrown.name === 'RuntimeError'

const NOWHERE = { template: null, line: 1, column: 1, inner: null, excerpt: '' }

/** `+` keeps the newline that a block would swallow here. */
const NO_ESCAPE = '{% autoescape false +%}'

/** The engine escapes by a template's name; what is written here are files of a host, never pages. */
const escapesByName = (name: string) => /\.(?:html?|xml|json5?|js|ya?ml)(?:\.j2|\.jinja2?)?$/.test(name)

class TooLarge extends Error {
  readonly bytes: number
  constructor(bytes: number) {
    super(`${bytes} bytes`)
    this.bytes = bytes
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
