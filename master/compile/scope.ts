import { marksWithin } from '../../lib/secret-mark.ts'
import type { Diagnostics, Place } from '../site/diagnostics.ts'
import { meant } from '../site/nearest.ts'
import type { Plain, ScalarNode, YamlNode } from '../site/tree.ts'
import { record } from '../site/tree.ts'
import type { Engine, Rendered, Values } from './engine.ts'
import type { TemplateError } from './template-error.ts'

/** Stands for a value that could not be had; why is among the diagnostics already. */
export const FAILED: unique symbol = Symbol('failed')
export type Failed = typeof FAILED

const EXPRESSION = /\{\{|\{%|\{#/
const SINGLE = /^\s*\{\{-?((?:(?!\{\{|\}\})[\s\S])*?)-?\}\}\s*$/

const hasExpression = (text: string) => EXPRESSION.test(text)

/** Whether there is an expression anywhere in it. */
export function isComputed(node: YamlNode): boolean {
  if (node.kind === 'list') return node.items.some(isComputed)
  if (node.kind === 'map') return node.entries.some(({ value }) => isComputed(value))
  return typeof node.value === 'string' && hasExpression(node.value)
}

/** What a scope must know of its role to say where a mistake is. */
export type RoleView = {
  readonly templatePath: (name: string) => string
  /** Params whose values had mistakes: that they are undefined is no mistake of its own. */
  readonly failedParams: readonly string[]
  /** Names of those that the site has. */
  readonly secrets: ReadonlyMap<string, unknown>
}

/** Evaluates what one role says about one host. */
export class Scope {
  readonly #engine: Engine | null
  /** What the names of the scope hold, for a hint about one that is missing. */
  readonly #globals: Values
  readonly #found: Diagnostics
  readonly #role: RoleView

  constructor(engine: Engine | null, globals: Values, role: RoleView, found: Diagnostics) {
    this.#engine = engine
    this.#globals = globals
    this.#role = role
    this.#found = found
  }

  /** The same scope that reports elsewhere, for what may fail. */
  reportingTo(found: Diagnostics): Scope {
    return new Scope(this.#engine, this.#globals, this.#role, found)
  }

  /** A value in which each string's expressions are evaluated. */
  value(node: YamlNode, local: Values): Plain | Failed {
    if (node.kind === 'scalar')
      return typeof node.value === 'string' ? this.#string(node, node.value, local) : node.value
    if (node.kind === 'list') {
      const items = node.items.map((item) => this.value(item, local))
      return items.includes(FAILED) ? FAILED : (items as Plain[])
    }
    const entries = node.entries.map(({ key, value }) => [key, this.value(value, local)] as const)
    return entries.some(([, value]) => value === FAILED) ? FAILED : (record(entries) as Plain)
  }

  /** A string that stays one, whatever the type of its expression. */
  text(node: ScalarNode, local: Values): string | Failed {
    const source = String(node.value)
    if (!hasExpression(source)) return source
    return this.#settle(this.#engineFor(node).text(source, local), (error) =>
      error.template === null ? placeInText(node, error) : this.#placeInTemplate(error.template, error),
    )
  }

  /** An expression without braces, such as that of `when`. */
  expression(node: ScalarNode, local: Values): unknown | Failed {
    const source = String(node.value)
    if (/^\s*\{\{/.test(source)) {
      this.#found.error('E_TEMPLATE', node, 'an expression stands here without braces', {
        hint: `write ${source.replace(/^\s*\{\{-?\s*|\s*-?\}\}\s*$/g, '')}`,
      })
      return FAILED
    }
    return this.#settle(this.#engineFor(node).evaluate(source, local), (error) => placeInText(node, error))
  }

  template(name: string, node: Place, local: Values): string | Failed {
    return this.#settle(
      this.#engineFor(node).template(name, local),
      (error) => (error.template === null ? node : this.#placeInTemplate(error.template, error)),
      node,
    )
  }

  #placeInTemplate(name: string, { line, column }: TemplateError): Place {
    return { file: this.#role.templatePath(name), line, column }
  }

  #string(node: ScalarNode, source: string, local: Values): Plain | Failed {
    if (!hasExpression(source)) return source
    const single = SINGLE.exec(source)
    if (single === null) return this.text(node, local)
    const before = source.indexOf('{{') + 2
    const expression = source.slice(before).replace(/-?\}\}\s*$/, '')
    const bare = expression.startsWith('-') ? ` ${expression.slice(1)}` : expression
    const settled = this.#settle(this.#engineFor(node).evaluate(bare, local), (error) =>
      placeInText(node, error.line === 1 ? { ...error, column: error.column + before } : error),
    )
    return settled as Plain | Failed
  }

  #engineFor(place: Place): Engine {
    if (this.#engine === null)
      throw new Error(`${place.file}:${place.line}: an expression where none was seen`)
    return this.#engine
  }

  #settle<T>(rendered: Rendered<T>, placeOf: (error: TemplateError) => Place, user?: Place): T | Failed {
    const secrets = this.#engine?.takeSecrets() ?? []
    const { error } = rendered
    if (error !== null) {
      if (this.#role.failedParams.some((name) => new RegExp(`\\bparams\\.${name}\\b`).test(error.excerpt)))
        return FAILED
      this.#found.error(error.code, placeOf(error), error.message, {
        hint: this.#nearName(error) ?? error.hint,
      })
      return FAILED
    }
    const place = user ?? placeOf(WHOLE)
    return this.#checkSecrets(secrets, rendered.value, place) ? (rendered.value as T) : FAILED
  }

  /** A secret may be put into a text as it is. One that was asked for and is not there was made something else of. */
  #checkSecrets(asked: readonly string[], value: unknown, place: Place): boolean {
    if (asked.length === 0) return true
    const unknown = asked.find((name) => !this.#role.secrets.has(name))
    if (unknown !== undefined) {
      this.#found.error('E_UNKNOWN_SECRET', place, `the site has no secret "${unknown}"`, {
        hint: meant(unknown, this.#role.secrets.keys()) ?? `set it with "drover secret set ${unknown}"`,
      })
      return false
    }
    const there = marksWithin(value)
    const lost = asked.find((name) => count(there, name) < count(asked, name))
    if (lost === undefined) return true
    const message = `the secret "${lost}" is not put in as it is`
    this.#found.error('E_SECRET_FLOW', place, message, {
      hint: 'the master never sees its value, so no filter, test or condition can be made of it',
    })
    return false
  }

  /** `params.wrokers`: the name that was probably meant. */
  #nearName({ code, excerpt }: TemplateError): string | null {
    const path = /^(\w+)(?:\.(\w+))?/.exec(excerpt)
    if (code !== 'E_UNDEFINED' || path === null) return null
    const [, first = '', second] = path
    const known = this.#globals[first]
    if (second === undefined || known === undefined) return meant(first, Object.keys(this.#globals))
    return typeof known === 'object' && known !== null ? meant(second, Object.keys(known)) : null
  }
}

const count = (names: readonly string[], name: string) => names.filter((one) => one === name).length

const WHOLE: TemplateError = {
  code: '',
  message: '',
  hint: null,
  template: null,
  line: 1,
  column: 1,
  inner: null,
  excerpt: '',
}

/** Where in the YAML file a place inside a scalar's text is. */
function placeInText(node: ScalarNode, { line, column }: Pick<TemplateError, 'line' | 'column'>): Place {
  return { file: node.file, line: node.textLine + line - 1, column: node.textColumn + column - 1 }
}
