// Characters that no text of a host has: Unicode leaves them without a meaning.
const OPEN = '\u{F0000}drover secret '
const CLOSE = '\u{F0001}'
const MARKS = /\u{F0000}drover secret ([\w./-]{1,255})\u{F0001}/gu

/** What stands for a secret in a catalog and its content, until an agent puts the value in its place. */
export const markOf = (name: string) => `${OPEN}${name}${CLOSE}`

/** Names of the secrets that a text holds marks of, one for each mark. */
export const marksIn = (text: string) => [...text.matchAll(MARKS)].map(([, name = '']) => name)

/** The text with values in the place of marks. */
export const fillMarks = (text: string, value: (name: string) => string) =>
  text.replaceAll(MARKS, (_mark, name: string) => value(name))

/** Names of all secrets anywhere in a value. */
export function marksWithin(value: unknown): string[] {
  if (typeof value === 'string') return marksIn(value)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => [...marksIn(key), ...marksWithin(one)])
}

/** Whether a text can be the name of a secret: `app/key`, a file in `secrets/` and a key in it. */
export const isSecretName = (text: string) =>
  /^[a-z0-9][a-z0-9._-]{0,63}(?:\/[a-z0-9][a-z0-9._-]{0,63})+$/.test(text)
