import { type Command, Option } from 'commander'
import type { Context, Form } from './context.ts'

type Verb = (context: Context, ...args: never[]) => Promise<number>
/** Gives commander an action that loads a verb when it is run, and no sooner. */
export type Act = (load: () => Promise<Verb>) => (this: Command, ...args: unknown[]) => Promise<void>

/** What every verb has: an example, colours, and a way to see where a fault is. */
export function verb(
  parent: Command,
  name: string,
  description: string,
  examples: readonly string[],
): Command {
  return parent
    .command(name)
    .description(`${description.charAt(0).toUpperCase()}${description.slice(1)}.`)
    .summary(description)
    .helpOption('-h, --help', 'this help')
    .addOption(new Option('--color <when>', 'colours').choices(['auto', 'always', 'never']).default('auto'))
    .option('--debug', 'show where an internal error comes from')
    .addHelpText('after', examplesText(examples))
}

export const examplesText = (examples: readonly string[]) =>
  `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`

export const jsonOption = () => new Option('--json', 'the same as "-o json"')
export const outputOption = (forms: readonly Form[]) =>
  new Option('-o, --output <form>', 'the form of the output').choices([...forms]).default(forms[0])
export const diffOption = () =>
  new Option(
    '--diff <how>',
    'how much of each diff is shown: 30 lines by default, none of what was shown before',
  ).choices(['full', 'short', 'none'])
