import type { Command } from 'commander'
import { FORMS } from './context.ts'
import { asking } from './operator-verbs.ts'
import { type Act, examplesText, jsonOption, outputOption, verb } from './verb.ts'

/** The verbs about what drover keeps of a host: what it made or changed, and what it took away. */
export function addKeepingVerbs(program: Command, act: Act): void {
  asking(
    verb(program, 'owned', 'what drover made or changed on a host, since when, and what was there before', [
      'drover owned web1',
      'drover owned web1 -o wide',
    ]),
  )
    .argument('<host>', 'a host of the master')
    .addOption(outputOption(FORMS))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/owned.ts')).owned))
  asking(
    verb(program, 'release-claim', "a resource is drover's own no more: it stays when no role declares it", [
      'drover release-claim web1 directory:/srv/app',
    ]),
  )
    .argument('<host>', 'a host of the master')
    .argument('<id>', 'a resource, as "drover owned" names it')
    .action(act(async () => (await import('./commands/release-claim.ts')).release))
  const quarantine = program
    .command('quarantine')
    .description(
      'What drover took away on a host, as a role said by "on_remove: quarantine", and keeps for 30 days.',
    )
    .summary('what drover took away on a host and keeps for 30 days: list, restore')
    .helpOption('-h, --help', 'this help')
    .addHelpText('after', examplesText(['drover quarantine list web1']))
  asking(
    verb(quarantine, 'list', 'what is there, since when, and until when', [
      'drover quarantine list web1',
      'drover quarantine list web1 --json',
    ]),
  )
    .argument('<host>', 'a host of the master')
    .addOption(outputOption(FORMS))
    .addOption(jsonOption())
    .action(act(async () => (await import('./commands/quarantine.ts')).quarantineList))
  asking(
    verb(quarantine, 'restore', 'put something back where it was; nothing may be in its place', [
      'drover quarantine restore web1 2026-11-21-1f0c9a3e',
    ]),
  )
    .argument('<host>', 'a host of the master')
    .argument('<name>', 'its name, as it is listed')
    .action(act(async () => (await import('./commands/quarantine.ts')).quarantineRestore))
}
