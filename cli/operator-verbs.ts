import { type Command, InvalidArgumentError, Option } from 'commander'
import { FORMS } from './context.ts'
import { type Act, diffOption, jsonOption, outputOption, verb } from './verb.ts'

/** The verbs that ask the master. */
export function addOperatorVerbs(program: Command, act: Act): void {
  addLooks(program, act)
  addRuns(program, act)
  addPast(program, act)
  addOrders(program, act)
  addCare(program, act)
}

function addLooks(program: Command, act: Act): void {
  question(program, 'hosts', 'all hosts: how they are, what they run, when they last did', [
    'drover hosts',
    'drover hosts --role web',
    'drover hosts -o wide',
  ])
    .addOption(roleOption('those with this role'))
    .addOption(outputOption(FORMS))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/hosts.ts')).hosts))
  question(program, 'show', 'one host: its roles, what differs, its last runs', ['drover show web1'])
    .argument('<host>', 'a host of the master')
    .addOption(outputOption(['table', 'wide', 'json', 'yaml']))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/show.ts')).showHost))
  question(program, 'facts', 'what roles may read of a host', [
    'drover facts web1',
    'drover facts web1 --at 2h',
    'drover facts web1 --at 2026-03-01T14:00:00Z',
  ])
    .argument('<host>', 'a host of the master')
    .option('--at <time>', 'as they were then: a time, or how long ago')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/facts.ts')).hostFacts))
}

function addRuns(program: Command, act: Act): void {
  running(program, 'plan', 'what an apply would do to hosts, which look at themselves; changes nothing', [
    'drover plan web1',
    'drover plan --role web --diff full',
    'drover plan --all',
  ]).action(act(async () => (await import('./commands/plan.ts')).plan))
  question(program, 'rehearse', 'apply to a copy of a host that is thrown away, and show what became of it', [
    'drover rehearse web1',
    'drover rehearse web1 --diff full',
    'drover rehearse web1 --all --json',
  ])
    .argument('<host>', 'a host of the master')
    .addOption(outputOption(FORMS))
    .addOption(jsonOption())
    .addOption(diffOption())
    .option('--all', 'show the files of packages, and what is in order')
    .option('--summary', 'show the verdict alone')
    .action(act(async () => (await import('./commands/rehearse.ts')).rehearse))
  running(program, 'apply', 'make hosts what the site says; shows the plan and asks first', [
    'drover apply web1',
    'drover apply --plan 3fa9c1d2-7be01f44',
    'drover apply --role web --yes --json',
  ])
    .option('--plan <fingerprint>', 'apply this plan or nothing, host by host: what "plan" ended with')
    .option('--yes', 'do not ask')
    .action(act(async () => (await import('./commands/apply.ts')).apply))
  question(program, 'undo', 'put back what one run changed on a host; shows the plan and asks first', [
    'drover undo web1 01976f3a --check',
    'drover undo web1 01976f3a',
    'drover undo web1 01976f3a --plan 3fa9c1d2-7be0 --for 2d --why "the new limits are too low"',
  ])
    .argument('<host>', 'a host of the master')
    .argument('<run>', 'the id of the run, or as much of its beginning as is unique')
    .option('--check', 'show what would be put back, and what can not be')
    .option('--plan <fingerprint>', 'put back what this plan showed or nothing: what "--check" ended with')
    .option('--yes', 'do not ask')
    .option('--for <time>', 'how long what was put back is left alone without being shown as over', '1d')
    .option('--why <text>', 'the reason, for everyone who wonders; by default that the run was undone')
    .addOption(outputOption(FORMS))
    .addOption(jsonOption())
    .addOption(diffOption())
    .option('--summary', 'show the verdict alone')
    .action(act(async () => (await import('./commands/undo.ts')).undo))
}

function addPast(program: Command, act: Act): void {
  question(program, 'drift', 'what differs on hosts, since when, and how', [
    'drover drift',
    'drover drift web1 --diff full',
    'drover drift web1 file:/etc/motd --patch | git apply',
    'drover drift --since 1d',
  ])
    .argument('[host-or-id...]', 'hosts of the master, and resources; by default all')
    .option('--patch', 'what one host has as a patch to the site, where it can be one')
    .option('--since <time>', 'what began to differ since then, settled too: a time, or how long ago')
    .addOption(diffOption())
    .addOption(limitOption(1000))
    .addOption(outputOption(FORMS))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/drift.ts')).drift))
  question(
    program,
    'diff',
    'what two catalogs declare differently, each as a host had applied it at a time',
    [
      'drover diff web1@2d web1',
      'drover diff web1@2026-03-01 web1@2026-03-08T14:00:00Z --diff full',
      'drover diff web1 web2',
    ],
  )
    .argument('<host[@time]>', 'a host of the master, and when: a time, or how long ago; by default now')
    .argument('<host[@time]>', 'what it is compared with')
    .addOption(diffOption())
    .addOption(outputOption(FORMS))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/diff.ts')).diff))
  question(
    program,
    'blame',
    'who manages a file of a host: which role, from which template and data, by which run',
    ['drover blame web1 /etc/nginx/nginx.conf', 'drover blame web1 /etc/nginx/nginx.conf:12'],
  )
    .argument('<host>', 'a host of the master')
    .argument('<path[:line]>', 'an absolute path, and a line of what it is to hold')
    .addOption(outputOption(FORMS))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/blame.ts')).blame))
  question(program, 'runs', 'the last runs of a host, or of all', [
    'drover runs',
    'drover runs web1 --limit 200',
  ])
    .argument('[host]', 'a host of the master; by default all')
    .addOption(limitOption(50))
    .addOption(outputOption(FORMS))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/runs.ts')).runs))
  question(program, 'run', 'one run with all that it changed', [
    'drover run 01976f3a',
    'drover run 01976f3a --diff full',
  ])
    .argument('<id>', 'its id, or as much of its beginning as is unique')
    .addOption(diffOption())
    .addOption(outputOption(FORMS))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/run.ts')).run))
  question(program, 'history', 'every change of a host, the newest first', [
    'drover history web1',
    'drover history web1 -o wide',
    'drover history web1 --at 2026-03-01T14:00:00Z',
  ])
    .argument('<host>', 'a host of the master')
    .option('--at <time>', 'the host as it was then: a time, or how long ago')
    .addOption(limitOption(50))
    .addOption(outputOption(FORMS))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/history.ts')).history))
  question(program, 'audit', 'who did what on the master, the newest first', [
    'drover audit',
    'drover audit -o wide',
  ])
    .addOption(limitOption(50))
    .addOption(outputOption(['table', 'wide', 'json', 'yaml', 'jsonl']))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/audit.ts')).audit))
}

function addOrders(program: Command, act: Act): void {
  telling(program, 'assign', 'give roles to a host', [
    'drover assign web1 web',
    'drover assign web1 web --commit .',
  ])
    .argument('<host>', 'a host of the master')
    .argument('<role...>', 'roles of the site')
    .option('--commit <site>', 'write them into the hosts file of this site, and ask no master')
    .action(act(async () => (await import('./commands/assign.ts')).assign))
  telling(program, 'unassign', 'take roles from a host that were assigned on the master', [
    'drover unassign web1 web',
    'drover unassign web1 web --commit .',
  ])
    .argument('<host>', 'a host of the master')
    .argument('<role...>', 'roles that it was assigned')
    .option('--commit <site>', 'take them out of the hosts file of this site, and ask no master')
    .addHelpText('after', LOOK_FIRST)
    .action(act(async () => (await import('./commands/unassign.ts')).unassign))
  telling(program, 'pause', 'a host changes nothing by itself, or leaves resources alone, until an end', [
    'drover pause web1 --for 2h --why "disk is being replaced"',
    'drover pause web1 file:/etc/nginx/nginx.conf --for 2h --why "finding the right limit"',
    'drover pause web1 --for 1d --why "watching the new kernel" --audit',
    'drover pause --role nginx --for 2h --why "finding the right limit"',
  ])
    .argument('[host]', 'a host of the master; by default each that has the role')
    .argument('[id...]', 'resources of it, such as file:/etc/motd; all else is enforced; by default the host')
    .requiredOption('--for <time>', 'how long, such as 30m, 2h or 1d')
    .requiredOption('--why <text>', 'the reason, for everyone who wonders')
    .option('--audit', 'the host still looks and reports')
    .option('--role <role>', 'the resources that this role declares there')
    .addOption(
      new Option(
        '--then <what>',
        'at the end, resources are put back, or left alone and shown until a resume',
      )
        .choices(['revert', 'show'])
        .default('revert'),
    )
    .action(act(async () => (await import('./commands/pause.ts')).pause))
  telling(program, 'resume', 'a paused host goes on, or some of its resources are enforced again', [
    'drover resume web1',
    'drover resume web1 file:/etc/nginx/nginx.conf',
    'drover resume --role nginx',
  ])
    .argument('[host]', 'a host of the master; by default each that has the role')
    .argument('[id...]', 'resources of it; by default the host with all that is paused on it')
    .option('--role <role>', 'the resources that this role declares there')
    .action(act(async () => (await import('./commands/resume.ts')).resume))
  telling(program, 'revoke', 'end a host’s certificate and its connections at once', [
    'drover revoke web1 --why "the machine was given back"',
  ])
    .argument('<host>', 'a host of the master')
    .requiredOption('--why <text>', 'the reason, for the audit')
    .action(act(async () => (await import('./commands/revoke.ts')).revoke))
}

function addCare(program: Command, act: Act): void {
  question(
    program,
    'doctor',
    'what is wrong with the master, its site and its hosts; exits 1 when something is',
    ['drover doctor', 'drover doctor --json'],
  )
    .addOption(outputOption(['table', 'json', 'yaml', 'jsonl']))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/doctor.ts')).doctor))
  telling(program, 'backup', 'a checked copy of the master’s store, while it runs', [
    'drover backup drover-backup.db',
  ])
    .argument('<file>', 'a new file; its sum is put beside it')
    .action(act(async () => (await import('./commands/backup.ts')).backup))
}

/** What every verb that asks the master has. */
export function asking(command: Command): Command {
  return command.addOption(
    new Option(
      '--socket <path>',
      'the socket of the master; by default DROVER_SERVER, the one that you have joined, or /run/drover/master.sock',
    ),
  )
}

/** A verb that asks the master. */
const question = (...of: Parameters<typeof verb>): Command => asking(verb(...of))

/** One that tells it something, and says what came of it. */
function telling(...of: Parameters<typeof verb>): Command {
  return question(...of)
    .addOption(outputOption(['table', 'json', 'yaml']))
    .addOption(jsonOption())
}

/** What a plan and an apply have in common. */
function running(...of: Parameters<typeof verb>): Command {
  return question(...of)
    .argument('[host...]', 'hosts of the master')
    .addOption(roleOption('hosts with this role'))
    .option('--all', 'all hosts that have joined')
    .addOption(outputOption(FORMS))
    .addOption(jsonOption())
    .addOption(diffOption())
    .option('--summary', 'show the verdict alone')
}

const roleOption = (what: string) =>
  new Option('--role <role>', `${what}; may be given several times`)
    .argParser((role: string, all: readonly string[]) => [...all, role])
    .default([], 'none')

const MAX_LIMIT = 100_000

const limitOption = (usual: number) =>
  new Option('--limit <n>', 'how many are shown at most').default(usual).argParser((word: string) => {
    if (/^[1-9]\d{0,5}$/.test(word) && Number(word) <= MAX_LIMIT) return Number(word)
    throw new InvalidArgumentError(`It is a number from 1 to ${MAX_LIMIT}.`)
  })

const LOOK_FIRST = `
A host takes back what no other role declares. To see that before it is done:
  drover pause web1 --audit --for 1h --why "a look first"
  drover unassign web1 web
  drover plan web1
  drover resume web1`
