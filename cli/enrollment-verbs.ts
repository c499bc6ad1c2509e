import { type Command, Option } from 'commander'
import { STATE_DIR } from '../lib/state-dirs.ts'
import { asking } from './operator-verbs.ts'
import { type Act, examplesText, jsonOption, outputOption, verb } from './verb.ts'

/** The verbs by which hosts and operators are let in. */
export function addEnrollmentVerbs(program: Command, act: Act): void {
  asking(
    verb(program, 'invite', 'let a host in: prints the join string that it joins with, once', [
      'drover invite web1',
      'drover invite web1 --roles base,web --ttl 2h',
      'drover invite web1 --replace',
      'drover invite web1 | ssh root@web1 drover join',
    ]),
  )
    .argument('<host>', 'its name in the site')
    .option('--roles <roles>', 'roles to assign to it when it joins, separated by commas')
    .addOption(ttlOption())
    .option('--replace', 'it has joined before: its old identity ends when the new one joins')
    .addOption(outputOption(['table', 'json', 'yaml']))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/invite.ts')).invite))
  verb(program, 'join', 'make this machine a host of a master, or yourself an operator', [
    'drover join',
    'drover join --token-file /root/token',
    'ssh master drover invite web1 | drover join --token-file -',
  ])
    .option(
      '--token-file <file>',
      'where the join string is, "-" for standard input; by default it is asked for',
    )
    .addOption(new Option('--state <dir>', 'where the agent keeps its state').default(STATE_DIR))
    .addOption(outputOption(['table', 'json', 'yaml']))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/join.ts')).join))
  addOperators(program, act)
}

function addOperators(program: Command, act: Act): void {
  const operator = program
    .command('operator')
    .description('Those who may call the master from elsewhere, each with a role.')
    .summary('who may call the master from elsewhere: add, list, remove')
    .helpOption('-h, --help', 'this help')
    .addHelpText('after', examplesText(['drover operator add anna --role deployer', 'drover operator list']))
  asking(
    verb(operator, 'add', 'invite an operator, or give one another role', [
      'drover operator add anna --role deployer',
      'drover operator add ci --role viewer --ttl 5m --json',
    ]),
  )
    .argument('<name>', 'what the operator is called in the audit')
    .addOption(
      new Option(
        '--role <role>',
        'viewer looks; deployer also plans, applies, assigns and pauses; admin also lets in and out',
      )
        .choices(['viewer', 'deployer', 'admin'])
        .makeOptionMandatory(),
    )
    .addOption(ttlOption())
    .addOption(outputOption(['table', 'json', 'yaml']))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/operator.ts')).addOperator))
  asking(verb(operator, 'list', 'all operators, with their roles', ['drover operator list --json']))
    .addOption(outputOption(['table', 'json', 'yaml', 'jsonl', 'name']))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/operator.ts')).listOperators))
  asking(verb(operator, 'remove', 'end what an operator may', ['drover operator remove anna']))
    .argument('<name>', 'the operator')
    .action(act(async () => (await import('./commands/operator.ts')).removeOperator))
}

const ttlOption = () => new Option('--ttl <duration>', 'how long the invitation lasts').default('30m')
