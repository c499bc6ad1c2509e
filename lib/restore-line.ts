import { type DeclaredLine, editLine } from './lines.ts'
import { partsOf } from './names.ts'
import type { Declaration, Former, Restoration } from './pre-image.ts'
import { putBack, uneditedFile } from './restore.ts'
import { textOf } from './text.ts'

/** Puts back what a `line` has made of a file: the whole file where nobody else has edited it, or that line alone. */
export async function restoreLine(
  name: string,
  props: DeclaredLine,
  former: Former<{ lines: string[]; content: string }>,
): Promise<Restoration> {
  const { path } = partsOf(name)
  const now = await textOf(path, former.host)
  if (now === null) return putBack()
  const made = former.paths.some((image) => image.path === path && image.was === null)
  if (made && now === editLine(path, '', props))
    return putBack({ type: 'file', name: path, props: { absent: true } })
  const whole = await uneditedFile(path, (before) => editLine(path, before, props), former)
  return whole === null ? lineAlone(name, props, former.fields?.lines ?? null) : putBack(whole)
}

function lineAlone(name: string, props: DeclaredLine, lines: readonly string[] | null): Restoration {
  const { path } = partsOf(name)
  const { text, match, absent, backrefs } = props
  if (lines === null && !absent && text !== null)
    return putBack(line(name, { absent: true, match: exactly(text) }))
  if (absent)
    return putBack(...(lines ?? []).map((one, i) => line(i === 0 ? name : `${name}-${i}`, { text: one })))
  const [first, ...others] = lines ?? []
  if (text === null || others.length > 0)
    return {
      back: [],
      stays: [`${path}: ${others.length + 1} lines were replaced, and their places are not known`],
    }
  if (first === undefined) return putBack(line(name, { absent: true, match: exactly(text) }))
  // What took its place is known by its text, or by what finds it.
  const found = backrefs && match !== null ? match : exactly(text)
  return putBack(line(name, { text: first, match: found, which: 'last' }))
}

const line = (name: string, props: Declaration['props']): Declaration => ({ type: 'line', name, props })

const exactly = (text: string) => `^${text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$`
