import { UNDEFINED_MEMBER } from './strict.ts'

/** What the template engine's message says, in parts. */
export type TemplateError = {
  readonly code: string
  readonly message: string
  readonly hint: string | null
  /** The template that it happened in, `null` when the message does not say. */
  readonly template: string | null
  /** Inside the template; both count from 1. */
  readonly line: number
  readonly column: number
  /** The template whose rendering failed inside this one. */
  readonly inner: string | null
  /** What the engine underlines, such as `params.workers`. */
  readonly excerpt: string
}

// The engine is pinned to one version, and a test holds these shapes.
const HEAD = /^([a-z ]+?)(?:: (.*))? \(in (.*):(\d+)\)$/
const MARKED = /^ *(\d+) > (.*)$/
const CARETS = /^( *i )( *)(\^+)/

export function readTemplateError(message: string): TemplateError {
  const lines = message.split('\n')
  const [, kind = lines[0] ?? message, detail = '', template = null, line = '1'] =
    HEAD.exec(lines[0] ?? '') ?? []
  const at = lines.findIndex((text) => MARKED.test(text))
  const source = MARKED.exec(lines[at] ?? '')?.[2] ?? ''
  const carets = CARETS.exec(lines[at + 1] ?? '')
  const start = carets?.[2]?.length ?? 0
  const excerpt = underlined(source, start, carets?.[3]?.length ?? 0)
  const inner = /^error in "(.*)"$/.exec(detail)?.[1] ?? null
  return {
    ...classify(kind, detail, excerpt),
    template,
    line: Number(line),
    column: start + 1,
    inner,
    excerpt,
  }
}

/** A member that is missing is underlined from its dot on; what it is a member of stands before. */
function underlined(source: string, start: number, length: number): string {
  const letters = [...source]
  let from = start
  while (from > 0 && /[\w.]/.test(letters[from - 1] ?? '')) from -= 1
  return letters
    .slice(from, start + length)
    .join('')
    .replace(`.${UNDEFINED_MEMBER}`, '')
}

type Class = Pick<TemplateError, 'code' | 'message' | 'hint'>

function classify(kind: string, detail: string, excerpt: string): Class {
  if (kind === 'undefined value' || /\bundefined\b/.test(detail)) {
    const hint = 'give it a value, or write "| default(…)" where it may be missing'
    return { code: 'E_UNDEFINED', message: `${excerpt || 'a value'} is undefined`, hint }
  }
  if (/ran out of fuel/.test(kind) || /too many elements|recursion limit/.test(detail)) {
    const hint = 'loops in a template run over what is declared; compute less in it'
    return { code: 'E_TEMPLATE_LIMIT', message: `the template takes too many steps: ${detail || kind}`, hint }
  }
  if (kind === 'template not found') {
    const name = /"(.*)"/.exec(detail)?.[1] ?? ''
    const leadsOut = name.startsWith('/') || name.split('/').includes('..')
    const message = `there is no template "${name}" in this role's templates/`
    return { code: leadsOut ? 'E_PATH_ESCAPE' : 'E_UNKNOWN_TEMPLATE', message, hint: null }
  }
  const sentence = detail === '' ? kind : `${kind}: ${detail}`
  return { code: 'E_TEMPLATE', message: `the expression can't be read: ${sentence}`, hint: null }
}
