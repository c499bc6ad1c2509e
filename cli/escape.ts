/**
 * What a terminal would obey or hide: control characters, marks that turn the direction of text, characters
 * without a width, halves of pairs. Tabs stay: they stand in Makefiles and move the cursor and nothing else.
 */
const UNSAFE = new RegExp(
  [
    '[\\x00-\\x08\\x0a-\\x1f\\x7f-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e',
    '\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb',
    '\\u{e0000}-\\u{e0fff}]|\\p{Cs}',
  ].join(''),
  'gu',
)

/** Text from anywhere as one line that a terminal shows and does not obey. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}

/** The same characters in JSON, where those below a space are escaped already or stand between values. */
export const UNSAFE_IN_JSON = new RegExp(UNSAFE.source.replace('\\x00-\\x08\\x0a-\\x1f', ''), 'u')
const ALL_UNSAFE_IN_JSON = new RegExp(UNSAFE_IN_JSON.source, 'gu')

/** JSON that means the same and that a terminal shows and does not obey. */
export function escapeJson(json: string): string {
  return json.replace(ALL_UNSAFE_IN_JSON, (character) =>
    character
      .split('')
      .map((unit) => `\\u${hex(unit.charCodeAt(0), 4)}`)
      .join(''),
  )
}

const PLAIN_WORD = /^[\w@%+=:,./-]+$/

/** One word of a command as bash reads it, so that a line can be copied and means the same. */
export function quoteWord(word: string): string {
  if (PLAIN_WORD.test(word)) return word
  if (escapeText(word) === word && !word.includes('\t')) return `'${word.replaceAll("'", "'\\''")}'`
  const inner = word.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')
  const escaped = inner.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code < 0x80 ? `\\x${hex(code, 2)}` : code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`
  })
  return `$'${escaped}'`
}

const hex = (code: number, length: number) => code.toString(16).padStart(length, '0')

export const quoteArgv = (argv: readonly string[]) => argv.map(quoteWord).join(' ')
