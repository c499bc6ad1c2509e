import { Argument, Command, Option } from 'commander'
import { type CommonOptions, type Context, FORMS, type Io } from './context.ts'
import { openPrint } from './print.ts'
import { VERSION } from './version.ts'

/** What the command line came to: set by the verb that was run. */
export type Ran = { code: number }

type Verb = (context: Context, ...args: never[]) => Promise<number>

/** All verbs with their flags. What a verb does is loaded when it is run. */
export function buildProgram(io: Io, ran: Ran): Command {
  const program = new Command('drover')
    .description('Keeps Debian servers the way a git repository says they should be.')
    .version(VERSION, '--version', 'the version')
    .helpOption('-h, --help', 'this help')
    .helpCommand('help [verb]', 'help on a verb')
    .showSuggestionAfterError()
    .configureHelp({ sortSubcommands: false })
    .addHelpText('after', EXIT_CODES)
  const act = (load: () => Promise<Verb>) =>
    async function (this: Command, ...args: unknown[]) {
      const words = args.slice(0, -2)
      const options = this.opts<CommonOptions>()
      const context = { ...io, print: openPrint(io, options.color) }
      const verb = (await load()) as (context: Context, ...args: unknown[]) => Promise<number>
      ran.code = await verb(context, ...words, options)
    }

  const local = program.command('local').description('without a master, on this machine')
  verb(local, 'plan', 'what an apply would do to this machine; changes nothing', [
    'drover local plan .',
    'drover local plan /srv/site --host web1 --diff full',
    'drover local plan . --out plan.json && drover local apply . --plan plan.json',
  ])
    .argument('[site]', 'the folder of the site', '.')
    .addOption(hostOption())
    .addOption(stateOption())
    .addOption(outputOption())
    .addOption(jsonOption())
    .addOption(diffOption('short'))
    .option('--all', 'show what is in order too')
    .option('--summary', 'show the last lines only')
    .option('--out <file>', 'keep the whole plan, for "apply --plan FILE"')
    .action(act(async () => (await import('./commands/local.ts')).localPlan))
  verb(local, 'apply', 'make this machine what the site says; shows the plan and asks first', [
    'drover local apply .',
    'drover local apply . --plan 3fa9c1d2-x7Qk0aB1',
    'drover local apply /srv/site --host web1 --yes --json',
  ])
    .argument('[site]', 'the folder of the site', '.')
    .addOption(hostOption())
    .addOption(stateOption())
    .option(
      '--plan <plan>',
      'apply exactly this plan, by its fingerprint or its file; refuse when it is another',
    )
    .option('--yes', 'do not ask')
    .addOption(outputOption())
    .addOption(jsonOption())
    .addOption(diffOption('short', 'of what was not shown before'))
    .option('--all', 'show what is in order too')
    .option('--summary', 'show the last line only')
    .action(act(async () => (await import('./commands/local.ts')).localApply))
  verb(local, 'facts', 'what roles may read of this machine', ['drover local facts > web1.json'])
    .addOption(outputOption(['json', 'yaml']))
    .action(act(async () => (await import('./commands/local.ts')).localFacts))
  return program
}

function verb(parent: Command, name: string, description: string, examples: readonly string[]): Command {
  return parent
    .command(name)
    .description(description)
    .addOption(new Option('--color <when>', 'colours').choices(['auto', 'always', 'never']).default('auto'))
    .option('--debug', 'show where an internal error comes from')
    .addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`)
}

const hostOption = () =>
  new Option('--host <name>', 'the host of the site that this machine is; by default its own name')
const stateOption = () =>
  new Option('--state <dir>', 'where drover keeps its state').default('/var/lib/drover')
const jsonOption = () => new Option('--json', 'the same as -o json')
const outputOption = (forms: readonly string[] = FORMS) =>
  new Option('-o, --output <form>', 'the form of the output').choices(forms).default(forms[0])
const diffOption = (usual: string, of = '') =>
  new Option('--diff <how>', `how much of the diffs is shown${of && `, ${of}`}; ${usual} by default`).choices(
    ['full', 'short', 'none'],
  )

export { Argument }

const EXIT_CODES = `
Exit codes, a sum where several hold:
    0  done, or nothing to do
    1  it could not run
    2  changes are due; warnings of lint with --strict
    4  a resource failed
    8  a host was unreachable
   64  wrong usage
  130  interrupted`
