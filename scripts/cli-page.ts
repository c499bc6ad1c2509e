import type { Command } from 'commander'
import { buildProgram, EXIT_CODES } from '../cli/program.ts'

/** The reference page of the command line, from the same declarations as its help. */
export function cliPage(): string {
  const nowhere = { write: () => true }
  const program = buildProgram(
    { stdout: nowhere, stderr: nowhere, stdin: process.stdin, env: {} },
    { code: 0 },
  )
  return [HEAD, ...program.commands.flatMap((verb) => section(verb)), ''].join('\n')
}

function section(verb: Command): string[] {
  if (verb.commands.length > 0) return verb.commands.flatMap(section)
  return ['', `## ${pathOf(verb)}`, '', '```', helpOf(verb), '```']
}

function pathOf(verb: Command): string {
  return verb.parent === null ? verb.name() : `${pathOf(verb.parent)} ${verb.name()}`
}

const WIDTH = 100

function helpOf(verb: Command): string {
  let text = ''
  verb.configureOutput({
    writeOut: (piece) => {
      text += piece
    },
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  })
  verb.outputHelp()
  return text.trim()
}

const HEAD = `<!-- Generated from cli/ by "npm run docs". Do not edit. -->

# The command line

\`drover VERB --help\` says the same as this page.

## Exit codes

The same for every verb. A plan with changes that are due and one resource that can't be read exits 6.

\`\`\`
${EXIT_CODES.replace(/^.*\n/, '')}
\`\`\`

## A plan, and applying what was seen

\`drover local plan\` changes nothing, writes nothing and takes no lock. Each resource that differs has a mark:

| mark | means |
|---|---|
| \`+\` | it is not there and would be made |
| \`~\` | it differs, or is restarted or reloaded for what changes before it |
| \`-\` | it would be removed |
| \`?\` | what would be done can't be known before something else has changed |
| \`!\` | it can't be done, or needs what can't be done |

Below stand its fields with what they are and what they would be, the diff of its content, the commands that would be
run, word for word, and the whole transaction of apt. Behind it stands the role and the line that declares it. A
resource with \`as things stand; package:nginx changes first\` may turn out another way once that has changed; every
other one is performed exactly as shown. Resources that differ in their names alone are shown once; \`-o wide\` shows
every one with every step.

The last line is the command that applies this plan and no other. Its fingerprint names each of at most 24 resources, so
that an apply which finds the host changed can say what moved; \`--out FILE\` keeps the plan whole for larger ones. An
apply that was given a plan, or asked for a yes, looks again under the run lock, refuses when anything moved, and performs no step
that the plan did not show, but for what the plan called uncertain and what follows a command or a package.

The first Ctrl-C (or TERM) finishes the resource under way and leaves the rest; the second ends its command too. Both exit 130.

## Many hosts

\`drover plan\` has hosts look at themselves, all at the same time: a bar on a terminal, elsewhere a line for each host when it
is done. Hosts with equal plans are shown once. The last line applies what was shown: each host refuses by itself where its
part has moved, and the others go on. Ctrl-C ends the waiting and not what hosts have begun; \`drover runs\` shows how it ended.

Verbs that ask the master take \`--socket\`, then \`DROVER_SERVER\` (\`host:port\`, or \`unix:/path\`), then the identity that
\`drover join\` has put into \`~/.config/drover/operator\`, then \`/run/drover/master.sock\`.

## Forms

\`-o\` takes \`table\` (for people), \`wide\` (the same in full), \`json\` (\`--json\` for short), \`yaml\`, \`jsonl\` (one event
a line, as it happens) and \`name\` (one id a line), where a verb has them. Machine output has a \`version\`: its second
number rises with a field that is added, the first with anything else. A run is

\`\`\`json
{"version": "1.0", "host": "web1", "mode": "check", "outcomes": [], "owed": [], "summary": {}, "fingerprint": "3fa9c1d2", "ms": 31}
\`\`\`

and as \`jsonl\` a line \`{"type":"version","format":"1.0"}\`, then lines of type \`step\` and \`outcome\`, then one of type
\`end\`. One output has no version: \`drover compile HOST --json\` gives the bytes of the catalog that are hashed, and
nothing else; its \`format\` is that of catalogs. Facts come with a version, and may be given back with \`--facts\` as they came.

Data goes to standard output; progress, questions and errors go to standard error. Colour is for terminals: \`--color\`
goes first, then \`NO_COLOR\`, then \`FORCE_COLOR\`. What a terminal would obey (escapes, control characters, marks
that turn the direction of text) is printed as \`\\u{1b}\`, wherever it comes from.`
