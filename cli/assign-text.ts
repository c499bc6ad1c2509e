import type { RoleOrigin__Output } from '../proto/gen/drover/v1/RoleOrigin.ts'
import { type Context, formOf, OUTPUT_VERSION } from './context.ts'
import { quoteWord } from './escape.ts'
import { printValue } from './machine.ts'
import type { AskOptions } from './master-place.ts'
import type { Line, Span } from './print.ts'
import { tableLines } from './table.ts'

export type AssignOptions = AskOptions & { readonly commit?: string }

/** What became of the file of a site that declares a host. */
type Edit = {
  readonly dir: string
  readonly file: string
  readonly line: number
  readonly edited: readonly string[]
  /** Each role that stays as it is, and why. */
  readonly kept: readonly (readonly [role: string, why: string])[]
}

const MARKS = { '+': 'add', '-': 'remove' } as const

/** `view` is what programs get. */
export async function tellEdit(
  { print }: Context,
  options: AssignOptions,
  { dir, file, line, edited, kept }: Edit,
  view: object,
  sign: '+' | '-',
): Promise<void> {
  const form = formOf(options)
  if (form !== 'table') return printValue(print, form, { version: OUTPUT_VERSION, ...view })
  const place: Span = ['dim', `  ${file}:${line}`]
  print.out([
    ...edited.map((role): Line => [[MARKS[sign], `${sign} ${role}`], place]),
    ...kept.map(([role, why]): Line => [`  ${role}`, ['dim', `  ${why}`]]),
  ])
  if (edited.length > 0)
    print.err([[`${file} is changed and not committed; look at it: git -C ${quoteWord(dir)} diff`]])
}

type Told = {
  readonly host: string
  readonly roles: readonly RoleOrigin__Output[]
  readonly assigned?: readonly string[]
  readonly unassigned?: readonly string[]
  readonly unchanged: readonly string[]
}

/** The roles of a host with where each comes from, and what is new. */
export async function tellRoles(
  { print }: Context,
  options: AssignOptions,
  told: Told,
  sign: '+' | '-',
): Promise<void> {
  const form = formOf(options)
  if (form !== 'table') return printValue(print, form, { version: OUTPUT_VERSION, ...told })
  const { host, roles, assigned = [], unassigned = [] } = told
  const rows = roles.map(({ role, origin }): Span[] => {
    const fresh = assigned.includes(role)
    return [fresh ? ['add', `${sign} ${role}`] : `  ${role}`, ['dim', origin]]
  })
  const gone = unassigned.map((role): Line => [['remove', `${sign} ${role}`]])
  const nothing = assigned.length + unassigned.length === 0
  print.out([[['bold', host]], ...tableLines(['', ''], rows).slice(1), ...gone])
  const next = nothing ? 'nothing is new' : `see what it changes: drover plan ${quoteWord(host)}`
  print.err([[['dim', next]]])
}
