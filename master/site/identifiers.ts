import type { Diagnostics, Place } from './diagnostics.ts'
import { shorten } from './tree.ts'

/** The names that a site gives to things, each with what it may hold. */
const KINDS = {
  role: {
    shape: /^[a-z][a-z0-9-]{0,62}$/,
    holds: 'lower-case letters, digits and "-", beginning with a letter',
  },
  host: {
    shape:
      /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
    holds: 'letters, digits, "-" and "."',
  },
  group: { shape: /^[a-z][a-z0-9_-]{0,62}$/, holds: 'lower-case letters, digits, "_" and "-"' },
  environment: { shape: /^[a-z][a-z0-9_-]{0,62}$/, holds: 'lower-case letters, digits, "_" and "-"' },
  param: { shape: /^[a-z][a-z0-9_]{0,62}$/, holds: 'lower-case letters, digits and "_"' },
  variable: { shape: /^[A-Za-z_][A-Za-z0-9_]{0,62}$/, holds: 'letters, digits and "_"' },
  site: { shape: /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, holds: 'letters, digits, ".", "_" and "-"' },
} as const

export type IdentifierKind = keyof typeof KINDS

/** Whether the name is one; otherwise a diagnostic that shows the letter at fault. */
export function checkIdentifier(
  kind: IdentifierKind,
  name: string,
  place: Place,
  found: Diagnostics,
): boolean {
  const { shape, holds } = KINDS[kind]
  if (shape.test(name)) return true
  found.error(
    'E_NAME',
    place,
    `${JSON.stringify(shorten(name))} is no name for a ${kind}: it holds ${holds}`,
    {
      allowed: holds,
      hint: foreignLetter(name),
    },
  )
  return false
}

/** A letter of another script may look like one of ours. */
function foreignLetter(name: string): string | null {
  for (const letter of name) {
    const code = letter.codePointAt(0) ?? 0
    if (code > 0x7e)
      return `it holds U+${code.toString(16).toUpperCase().padStart(4, '0')}, which is not ASCII`
  }
  return null
}
