import type { Argument, Command, Option } from 'commander'

/** What could come next on a command line, for the script of a shell. */
export type Suggestions = {
  /** Beside the words: names of files or folders, which shells complete themselves. */
  readonly kind: 'words' | 'files' | 'folders'
  readonly words: readonly { readonly word: string; readonly description: string }[]
}

/** Names with what is said of each. */
export type Known = {
  readonly hosts: ReadonlyMap<string, string>
  readonly roles: ReadonlyMap<string, string>
}

/**
 * @param words what stands behind `drover`; the last of them is being written and may be empty
 */
export function suggest(program: Command, words: readonly string[], known: Known): Suggestions {
  const current = words.at(-1) ?? ''
  const { command, option, position } = walk(program, words.slice(0, -1))
  // bash hands `--flag=value` over as three words.
  const typed = current === '=' ? '' : current
  const found = option
    ? valuesOf(option, option.flags, known)
    : typed.startsWith('-')
      ? flagsOf(command)
      : command.commands.length > 0
        ? verbsOf(command)
        : argumentOf(command.registeredArguments, position, known)
  return { ...found, words: found.words.filter(({ word }) => word.startsWith(typed)) }
}

/** The verb that the words name, and what the next word would be to it. */
function walk(program: Command, words: readonly string[]) {
  let command = program
  let option: Option | null = null
  let position = 0
  for (const word of words) {
    if (word === '=') continue
    if (option !== null) {
      option = null
      continue
    }
    if (word.startsWith('-')) {
      const flag = command.options.find(({ long, short }) => word === long || word === short)
      option = flag && (flag.required || flag.optional) ? flag : null
      continue
    }
    const verb = command.commands.find((one) => one.name() === word)
    if (verb !== undefined) command = verb
    else position += 1
  }
  return { command, option, position }
}

const NOTHING: Suggestions = { kind: 'words', words: [] }

/** The placeholder of a value says what it names. */
function valuesOf(
  { argChoices, description }: { argChoices?: string[]; description: string },
  placeholder: string,
  { hosts, roles }: Known,
): Suggestions {
  if (argChoices) return { kind: 'words', words: argChoices.map((word) => ({ word, description })) }
  if (/dir|site/.test(placeholder)) return { ...NOTHING, kind: 'folders' }
  if (/file|plan/.test(placeholder)) return { ...NOTHING, kind: 'files' }
  const names = /host/.test(placeholder) ? hosts : /role/.test(placeholder) ? roles : null
  if (names === null) return NOTHING
  return { kind: 'words', words: [...names].map(([word, description]) => ({ word, description })) }
}

function argumentOf(all: readonly Argument[], position: number, known: Known): Suggestions {
  // Of the last one there may be many.
  const argument = all[position] ?? (all.at(-1)?.variadic ? all.at(-1) : undefined)
  return argument === undefined ? NOTHING : valuesOf(argument, argument.name(), known)
}

function flagsOf(command: Command): Suggestions {
  const flags = command.createHelp().visibleOptions(command)
  return {
    kind: 'words',
    words: flags.flatMap(({ long, description }) => (long ? [{ word: long, description }] : [])),
  }
}

function verbsOf(command: Command): Suggestions {
  const verbs = command.createHelp().visibleCommands(command)
  return { kind: 'words', words: verbs.map((one) => ({ word: one.name(), description: one.summary() })) }
}
