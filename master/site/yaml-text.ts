import { isUtf8 } from 'node:buffer'
import { MAX_DIAGNOSTICS } from '../../lib/limits.ts'
import type { Diagnostics, Place } from './diagnostics.ts'

/** Characters that a person can't see or that reorder what they see; built from numbers, so that this file shows them. */
const HIDDEN = characterClass([
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x2069],
  [0xfeff, 0xfeff],
  [0x061c, 0x061c],
])
const CONTROL = characterClass([
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0x84],
  [0x86, 0x9f],
])
const SUSPECT = new RegExp(`[${HIDDEN}${CONTROL}]`)
const EACH_SUSPECT = new RegExp(SUSPECT, 'g')
const IS_HIDDEN = new RegExp(`[${HIDDEN}]`)

function characterClass(ranges: readonly (readonly [number, number])[]): string {
  const escaped = (code: number) => `\\u${code.toString(16).padStart(4, '0')}`
  return ranges.map(([from, to]) => `${escaped(from)}-${escaped(to)}`).join('')
}

/** The text of a file in UTF-8, its lines ended by LF alone; `null`, and a diagnostic, when it is none. */
export function decode(bytes: Buffer, file: string, found: Diagnostics): string | null {
  if (!isUtf8(bytes)) {
    const offset = firstInvalid(bytes)
    const before = bytes.subarray(0, offset).toString('utf8')
    const line = before.split('\n').length
    const column = before.length - before.lastIndexOf('\n')
    const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
    found.error(
      'E_UTF8',
      { file, line, column },
      `not UTF-8: the byte at offset ${offset} fits no character`,
      {
        hint: wide ? 'the file is UTF-16; save it as UTF-8' : 'save the file as UTF-8',
      },
    )
    return null
  }
  const text = bytes.toString('utf8')
  const bare = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  return bare.includes('\r') ? bare.replaceAll('\r\n', '\n') : bare
}

/** Halves the span until the first byte is found that no prefix may hold. */
function firstInvalid(bytes: Buffer): number {
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (decodes(bytes.subarray(0, middle))) good = middle
    else bad = middle
  }
  // A character that is begun and never ended is at fault from its first byte on.
  while (!isUtf8(bytes.subarray(0, good))) good -= 1
  return good
}

function decodes(bytes: Buffer): boolean {
  try {
    // A stream may end inside a character.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

export const isClean = (text: string) => !SUSPECT.test(text)

/** Reports control and hidden characters; in comments the hidden ones are a warning. */
export function checkCharacters(
  text: string,
  place: (offset: number) => Place,
  inComment: (offset: number) => boolean,
  found: Diagnostics,
): void {
  const before = found.errors
  for (const match of text.matchAll(EACH_SUSPECT)) {
    if (found.errors - before > MAX_DIAGNOSTICS) return
    const code = `U+${match[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
    const at = place(match.index)
    if (IS_HIDDEN.test(match[0])) hiddenCharacter(code, at, inComment(match.index), found)
    else if (match[0] === '\r') {
      found.error('E_CONTROL_CHAR', at, 'a carriage return by itself ends no line', {
        hint: 'end lines with LF, or with CR LF',
      })
    } else {
      found.error('E_CONTROL_CHAR', at, `the control character ${code} must not stand in a file as it is`, {
        hint: `write it as an escape in double quotes, such as "\\x1b"`,
      })
    }
  }
}

function hiddenCharacter(code: string, place: Place, inComment: boolean, found: Diagnostics): void {
  const message = `the character ${code} can't be seen or changes the order of what is seen`
  if (inComment) {
    found.warning('E_BIDI', place, message, { hint: 'take it out' })
    return
  }
  const hint = `take it out, or write "\\u${code.slice(2)}" in double quotes if it is meant`
  found.error('E_BIDI', place, message, { hint })
}

export function placeAt(text: string, offset: number, file: string): Place {
  let line = 1
  let start = 0
  for (let end = text.indexOf('\n'); end >= 0 && end < offset; end = text.indexOf('\n', end + 1)) {
    line += 1
    start = end + 1
  }
  return { file, line, column: offset - start + 1 }
}
