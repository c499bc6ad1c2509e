import { Argument, Command, Option } from 'commander'
import { STATE_DIR } from '../lib/state-dirs.ts'
import { type CommonOptions, FORMS, type Io } from './context.ts'
import { addEnrollmentVerbs } from './enrollment-verbs.ts'
import { addKeepingVerbs } from './keeping-verbs.ts'
import { addOperatorVerbs } from './operator-verbs.ts'
import { openPrint } from './print.ts'
import { type Act, diffOption, examplesText, jsonOption, outputOption, verb } from './verb.ts'
import { VERSION } from './version.ts'

/** What the command line came to: set by the verb that was run. */
export type Ran = { code: number }

/** All verbs with their flags. */
export function buildProgram(io: Io, ran: Ran): Command {
  const program = new Command('drover')
    .description('Keeps Debian servers the way a git repository says they should be.')
    .version(VERSION, '--version', 'the version')
    .helpOption('-h, --help', 'this help')
    .helpCommand('help [verb]', 'help on a verb')
    .addHelpText('after', `\n${EXIT_CODES}`)
  const act: Act = (load) =>
    async function (...args) {
      // Commander adds the flags and itself behind the words.
      const words = args.slice(0, -2)
      const options = this.opts<CommonOptions>()
      const context = { ...io, print: openPrint(io, options.color) }
      const run = (await load()) as (...args: unknown[]) => Promise<number>
      ran.code = await run(context, ...words, options)
    }
  addSiteVerbs(program, act)
  addLocalVerbs(program, act)
  addDaemonVerbs(program, act)
  addSecretVerbs(program, act)
  addEnrollmentVerbs(program, act)
  addOperatorVerbs(program, act)
  addKeepingVerbs(program, act)
  addOwnVerbs(program, act)
  return program
}

function addSiteVerbs(program: Command, act: Act): void {
  verb(program, 'init', 'a new site with an example that works', [
    'drover init site',
    'drover init site --host web1',
  ])
    .argument('<dir>', 'the folder to make')
    .option('--host <name>', 'its first host; by default this machine')
    .option('--name <name>', 'its name; by default that of the folder')
    .action(act(async () => (await import('./commands/init.ts')).init))
  verb(program, 'lint', 'everything that can be known of a site without a host', [
    'drover lint',
    'drover lint /srv/site --strict',
    'drover lint --json',
  ])
    .argument('[site]', 'the folder of the site', '.')
    .option('--strict', 'exit with 2 when there are warnings')
    .addOption(outputOption(['table', 'json', 'yaml', 'jsonl']))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/lint.ts')).lintSite))
  verb(program, 'compile', 'the catalog of a host, as people or programs read it', [
    'drover compile web1',
    'drover compile web1 --site /srv/site -o wide',
    'drover compile web1 --facts web1.json --json',
  ])
    .argument('<host>', 'a host of the site')
    .addOption(siteOption())
    .addOption(factsOption())
    .addOption(outputOption(FORMS))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/compile.ts')).compileHost))
  verb(program, 'explain', 'where a value of a host comes from, or a resource', [
    'drover explain web1 data.ntp.servers',
    'drover explain web1 file:/etc/motd',
  ])
    .argument('<host>', 'a host of the site')
    .argument('<key>', 'a key of data, or the id of a resource')
    .addOption(siteOption())
    .addOption(factsOption())
    .addOption(outputOption(['table', 'json', 'yaml', 'jsonl']))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/explain.ts')).explainKey))
}

function addLocalVerbs(program: Command, act: Act): void {
  const local = program
    .command('local')
    .description('Without a master, on this machine.')
    .summary('without a master, on this machine: plan, rehearse, apply, owned, quarantined, watched, facts')
    .helpOption('-h, --help', 'this help')
    .addHelpText('after', examplesText(['drover local plan .', 'drover local apply .']))
  runOptions(
    verb(local, 'plan', 'what an apply would do to this machine; changes nothing', [
      'drover local plan',
      'drover local plan /srv/site --host web1 --diff full',
      'drover local plan --out plan.json && drover local apply --plan plan.json',
    ]),
  )
    .option('--out <file>', 'keep the whole plan, for "apply --plan FILE"')
    .action(act(async () => (await import('./commands/local.ts')).localPlan))
  runOptions(
    verb(
      local,
      'rehearse',
      'apply to a copy of this machine that is thrown away, and show what became of it',
      [
        'drover local rehearse',
        'drover local rehearse /srv/site --host web1 --diff full',
        'drover local rehearse --all --json',
      ],
    ),
  ).action(act(async () => (await import('./local-rehearse.ts')).localRehearse))
  runOptions(
    verb(local, 'apply', 'make this machine what the site says; shows the plan and asks first', [
      'drover local apply',
      'drover local apply --plan 3fa9c1d2-x7Qk0aB1',
      'drover local apply /srv/site --host web1 --yes --json',
    ]),
  )
    .option(
      '--plan <plan>',
      'apply this plan or nothing: its fingerprint, or the file that "plan --out" wrote',
    )
    .option('--yes', 'do not ask')
    .action(act(async () => (await import('./commands/local.ts')).localApply))
  verb(local, 'owned', 'what drover made or changed on this machine, since when, and what was there before', [
    'drover local owned',
    'drover local owned -o wide',
    'drover local owned --json',
  ])
    .addOption(stateOption())
    .addOption(outputOption(FORMS))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/owned.ts')).localOwned))
  verb(local, 'release-claim', "a resource is drover's own no more: it stays when no role declares it", [
    'drover local release-claim file:/etc/motd',
  ])
    .argument('<id>', 'a resource, as "drover local owned" names it')
    .addOption(stateOption())
    .action(act(async () => (await import('./commands/release-claim.ts')).localRelease))
  verb(local, 'quarantined', 'what drover took away here and keeps for 30 days', [
    'drover local quarantined',
    'drover local quarantined --json',
  ])
    .addOption(stateOption())
    .addOption(outputOption(FORMS))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/quarantine.ts')).localQuarantine))
  verb(
    local,
    'bring-back',
    'put something from the quarantine back where it was; nothing may be in its place',
    ['drover local bring-back 2026-11-21-1f0c9a3e'],
  )
    .argument('<name>', 'its name, as "drover local quarantined" lists it')
    .addOption(stateOption())
    .action(act(async () => (await import('./commands/quarantine.ts')).localBringBack))
  verb(local, 'watched', 'how drift is found of what the agent of this machine keeps, type by type', [
    'drover local watched',
    'drover local watched --json',
  ])
    .addOption(stateOption())
    .addOption(outputOption(['table', 'json', 'yaml']))
    .addOption(jsonOption())
    .action(act(async () => (await import('./local-watched.ts')).localWatched))
  verb(local, 'facts', 'what roles may read of this machine', ['drover local facts > web1.json'])
    .addOption(outputOption(['json', 'yaml']))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/local.ts')).localFacts))
}

function addDaemonVerbs(program: Command, act: Act): void {
  verb(program, 'master', 'serve agents and operators, in the foreground', [
    'drover master',
    'drover master --site examples/site --state /tmp/master --listen 127.0.0.1:7440',
  ])
    .option('--site <dir>', 'the folder of the site; by default what /etc/drover/master.yaml says')
    .option('--state <dir>', 'where it keeps its state, and its socket too')
    .option('--listen <address:port>', 'where agents connect; enrollment and http are on the next two ports')
    .action(act(async () => (await import('./commands/master.ts')).runMaster))
  verb(program, 'restore', 'put a backup back, while the master is not running', [
    'drover restore drover-backup.db',
    'drover restore drover-backup.db --state /srv/master',
  ])
    .argument('<file>', 'what "drover backup" wrote')
    .option('--state <dir>', "the master's state directory, which has no store yet")
    .addOption(outputOption(['table', 'json', 'yaml']))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/restore.ts')).restore))
  verb(program, 'agent', 'keep this host as its master says, in the foreground', [
    'drover agent',
    'drover agent --once',
  ])
    .option('--state <dir>', 'where it keeps its state; by default what /etc/drover/agent.yaml says')
    .option('--once', 'fetch, run and report once, and end')
    .action(act(async () => (await import('./commands/agent.ts')).runAgent))
}

function addSecretVerbs(program: Command, act: Act): void {
  const secret = program
    .command('secret')
    .description('Secrets of a site: in git they are encrypted, and only the hosts that use one get it.')
    .summary('secrets of a site: set, get, list, rekey')
    .helpOption('-h, --help', 'this help')
    .addHelpText('after', examplesText(['drover secret set app/key', 'drover secret list']))
  const identity = '--identity <file>'
  const key = 'a file with an age key; by default ~/.config/drover/age.key, and on a master its own'
  verb(secret, 'set', 'encrypt a value and put it into secrets/', [
    'drover secret set app/key',
    'openssl rand -hex 32 | drover secret set app/key',
    'drover secret set tls/web1 --file web1.key --site /srv/site',
  ])
    .argument('<name>', 'its file and key: "app/key" is "key" in secrets/app.yaml')
    .option('--file <file>', 'read the value there; by default it is typed, or comes on standard input')
    .addOption(siteOption())
    .action(act(async () => (await import('./commands/secret.ts')).secretSet))
  verb(secret, 'get', 'the value, for who has the key of a recipient', ['drover secret get app/key'])
    .argument('<name>', 'its file and key')
    .option(identity, key)
    .addOption(siteOption())
    .action(act(async () => (await import('./commands/secret.ts')).secretGet))
  verb(secret, 'list', 'names of all secrets, and where they stand', ['drover secret list --json'])
    .addOption(siteOption())
    .addOption(outputOption(['table', 'json', 'yaml', 'jsonl']))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/secret.ts')).secretList))
  verb(secret, 'rekey', 'encrypt all anew, for those who stand in secrets/recipients.txt now', [
    'drover secret rekey',
  ])
    .option(identity, key)
    .addOption(siteOption())
    .action(act(async () => (await import('./commands/secret.ts')).secretRekey))
}

function addOwnVerbs(program: Command, act: Act): void {
  verb(program, 'completion', 'the script that completes drover in a shell', [
    'drover completion bash > /etc/bash_completion.d/drover',
    'drover completion zsh > /usr/local/share/zsh/site-functions/_drover',
    'drover completion fish > ~/.config/fish/completions/drover.fish',
  ])
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .action(act(async () => (await import('./commands/completion.ts')).completion))
  verb(program, 'version', 'the versions of drover and of what it runs on', ['drover version --json'])
    .addOption(outputOption(['table', 'json', 'yaml']))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/version.ts')).version))
}

/** What a plan and an apply have in common. */
function runOptions(command: Command): Command {
  return command
    .argument('[site]', 'the folder of the site', '.')
    .option('--host <name>', 'the host of the site that this machine is; by default its own name')
    .addOption(stateOption())
    .addOption(outputOption(FORMS))
    .addOption(jsonOption())
    .addOption(diffOption())
    .option('--all', 'show what is in order too')
    .option('--summary', 'show the verdict alone')
}

const stateOption = () => new Option('--state <dir>', 'where drover keeps its state').default(STATE_DIR)
const siteOption = () => new Option('--site <dir>', 'the folder of the site').default('.')
const factsOption = () =>
  new Option(
    '--facts <file>',
    'the facts of the host, as "local facts" prints them; by default those of this machine',
  )

export const EXIT_CODES = `Exit codes, added up where several hold:
    0  done, or nothing to do
    1  it could not run
    2  changes are due; lint: warnings, with --strict
    4  a resource failed
    8  a host was unreachable
   64  wrong usage
  130  interrupted`
