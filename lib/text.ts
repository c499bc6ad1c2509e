import { Failure } from './failure.ts'
import type { Argv, Host } from './host.ts'
import type { WriteStep } from './step.ts'

/** What the states that edit a part of a file have in common. An edit leaves every byte alone that it is not about. */

/** Lines with the ends that they have; joined again they are the same text. */
export const linesOf = (text: string): string[] => (text === '' ? [] : text.split(/(?<=\n)/))

/** A line without its end. */
export const bare = (line: string): string => line.replace(/\r?\n$/, '')

/** Another text for a line, with the end that the line has. */
export const instead = (line: string, text: string): string => text + line.slice(bare(line).length)

/**
 * Lines with others put in before the line of that index; the end of the file is `lines.length`.
 *
 * They end as the first line of the file does. A last line without an end gets one when something comes after it.
 */
export function insert(lines: readonly string[], index: number, texts: readonly string[]): string[] {
  if (texts.length === 0) return [...lines]
  const end = lines[0]?.endsWith('\r\n') ? '\r\n' : '\n'
  const ended = (line: string) => (line === '' || line.endsWith('\n') ? line : line + end)
  const before = lines.slice(0, index)
  return [...before.map(ended), ...texts.map((text) => text + end), ...lines.slice(index)]
}

/**
 * The text of a file that is to be edited; `null`: it is not there.
 *
 * Throws `Failure('conflict')` for what is no file, and `Failure('invalid')` for bytes that are no text: written back,
 * they would be others.
 */
export async function textOf(path: string, host: Host): Promise<string | null> {
  const stat = await host.stat(path)
  if (stat === null) return null
  if (stat.kind !== 'file') {
    const hint = stat.target === null ? 'only a file has lines' : `it leads to ${stat.target}: name that file`
    throw new Failure('conflict', `${path} is a ${stat.kind}, not a file`, { about: path, hint })
  }
  const text = (await host.text(path)) ?? ''
  if (!/[\0\ufffd]/.test(text)) return text
  const hint = 'an edit would damage it: declare the whole file'
  throw new Failure('invalid', `${path} is no text in UTF-8`, { about: path, hint })
}

type Guards = { readonly validate?: string | null; readonly backup?: string | null }

/** Writes an edited file back: its mode and owner stay. */
export function rewrite(path: string, text: string, { validate, backup }: Guards = {}): WriteStep {
  return {
    do: 'write',
    path,
    content: { text },
    mode: null,
    owner: null,
    group: null,
    validate: validate ? wordsOf(validate) : null,
    backup: backup ?? null,
  }
}

/** A command as it is declared, split into words with no shell. */
export const wordsOf = (command: string): Argv => command.trim().split(/ +/) as unknown as Argv
