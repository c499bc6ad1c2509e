import { type Command, Option } from 'commander'
import { FORMS } from './context.ts'
import { type Act, jsonOption, outputOption, verb } from './verb.ts'

/** The verbs that ask the master. */
export function addOperatorVerbs(program: Command, act: Act): void {
  asking(
    verb(program, 'hosts', 'all hosts: how they are, what they run, when they last did', [
      'drover hosts',
      'drover hosts --role web',
      'drover hosts -o wide',
    ]),
  )
    .option(
      '--role <role>',
      'those with this role; may be given again',
      (role, all: string[]) => [...all, role],
      [],
    )
    .addOption(outputOption(FORMS))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/hosts.ts')).hosts))
}

/** What every verb that asks the master has. */
export function asking(command: Command): Command {
  return command.addOption(
    new Option(
      '--socket <path>',
      'the socket of the master; by default DROVER_SERVER, the identity that you joined with, or /run/drover/master.sock',
    ),
  )
}
