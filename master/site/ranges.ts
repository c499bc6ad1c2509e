import { MAX_RANGE_NAMES } from '../../lib/limits.ts'

/** The names of a pattern, or a sentence about what is wrong with it. */
export type Expansion =
  | { readonly names: readonly string[]; readonly problem: null }
  | { readonly names: null; readonly problem: string }

/**
 * `edge[1-4]` as four names, `edge[01-12]` as twelve with two digits, `[a,b].example.org` as two.
 *
 * Several brackets multiply. What is in no bracket stays as it is.
 */
export function expandRange(pattern: string): Expansion {
  const parts = pattern.split(/\[([^[\]]*)\]/)
  let names = ['']
  for (const [i, part] of parts.entries()) {
    const choices = i % 2 === 0 ? [part] : choicesOf(part)
    if (typeof choices === 'string') return { names: null, problem: choices }
    if (names.length * choices.length > MAX_RANGE_NAMES) {
      return { names: null, problem: `"${pattern}" stands for more than ${MAX_RANGE_NAMES} names` }
    }
    names = names.flatMap((name) => choices.map((choice) => name + choice))
  }
  return { names, problem: null }
}

export const isRange = (pattern: string) => pattern.includes('[')

function choicesOf(inside: string): string[] | string {
  const choices: string[] = []
  for (const part of inside.split(',').map((text) => text.trim())) {
    const more = choicesOfPart(part)
    if (typeof more === 'string') return more
    if (choices.length + more.length > MAX_RANGE_NAMES)
      return `a range stands for more than ${MAX_RANGE_NAMES} names`
    for (const choice of more) choices.push(choice)
  }
  return choices
}

function choicesOfPart(part: string): string[] | string {
  const numbers = /^(\d{1,9})-(\d{1,9})$/.exec(part)
  if (numbers !== null) return numbersBetween(numbers[1] ?? '', numbers[2] ?? '')
  const letters = /^([a-z])-([a-z])$/.exec(part)
  if (letters !== null) return lettersBetween(letters[1] ?? '', letters[2] ?? '')
  if (/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(part) && !/^\d+-\d+$/.test(part)) return [part]
  return `"[${part}]" is no range: write [1-4], [01-12], [a-d] or [a,b]`
}

function numbersBetween(first: string, last: string): string[] | string {
  const from = Number(first)
  const to = Number(last)
  if (to < from) return `the range ${first}-${last} runs backwards`
  if (to - from >= MAX_RANGE_NAMES)
    return `the range ${first}-${last} stands for more than ${MAX_RANGE_NAMES} names`
  // A leading zero asks for numbers of one width, as in a list that sorts.
  const width = first.startsWith('0') && first.length > 1 ? first.length : 0
  return Array.from({ length: to - from + 1 }, (_, i) => String(from + i).padStart(width, '0'))
}

function lettersBetween(first: string, last: string): string[] | string {
  const from = first.charCodeAt(0)
  const to = last.charCodeAt(0)
  if (to < from) return `the range ${first}-${last} runs backwards`
  return Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i))
}
