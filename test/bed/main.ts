import { spawnSync } from 'node:child_process'
import { Command } from 'commander'
import { base } from './base.ts'
import { makeHost } from './bed.ts'
import { entry, hostOf } from './host.ts'
import { CHECKOUT, ENVIRONMENT } from './places.ts'
import { findReason, missingPackages, requireBed } from './reason.ts'
import { type HostRecord, records } from './record.ts'
import { reap } from './remove.ts'
import { must } from './run.ts'
import { stateOf } from './start.ts'

/** The hosts of one checkout's command line: several checkouts of a machine leave each other's alone. */
const BED = `command line of ${CHECKOUT}`
const INSTALL_TIMEOUT_MS = 10 * 60_000
const EXAMPLES = `
Examples:
  npm run bed -- setup                    install what is missing and build the base tree
  npm run bed -- up 2                     two hosts, which know each other by name
  npm run bed -- exec h-2 -- ping -c1 h-3
  npm run bed -- shell h-2
  npm run bed -- list
  npm run bed -- down                     all that this checkout has up; or: down h-2`

const say = (line: string) => process.stdout.write(`${line}\n`)

async function setup(): Promise<void> {
  const reason = findReason()
  if (reason !== null) throw new Error(`the bed can't run here: ${reason}`)
  const packages = missingPackages()
  if (packages.length > 0) {
    say(`installing ${packages.join(', ')}`)
    const env = { DEBIAN_FRONTEND: 'noninteractive' }
    await must(['apt-get', 'update', '-q'], { timeoutMs: INSTALL_TIMEOUT_MS })
    const install = ['apt-get', 'install', '--yes', '-q', '--no-install-recommends', ...packages]
    await must(install, { timeoutMs: INSTALL_TIMEOUT_MS, env })
  }
  say(`the base tree is ${(await base(say)).root}`)
}

async function up(count: string): Promise<void> {
  requireBed()
  await reap()
  const number = Number(count)
  if (!Number.isInteger(number) || number < 1) throw new Error(`"${count}" is not a number of hosts`)
  const hosts = await Promise.all(Array.from({ length: number }, () => makeHost(BED, null)))
  for (const host of hosts) say(`${host.name}  ${host.address}`)
}

async function list(): Promise<void> {
  for (const record of records()) {
    const state = record.supervisor === null ? null : await stateOf(record.supervisor)
    say(
      [record.id, record.name, record.address, state ?? 'off', ownerOf(record), hostOf(record).root].join(
        '  ',
      ),
    )
  }
}

async function down(id: string | undefined): Promise<void> {
  await reap()
  const hosts = id === undefined ? records().filter(({ bed }) => bed === BED) : [find(id)]
  const other = hosts.find(({ bed }) => bed !== BED)
  if (other !== undefined)
    throw new Error(`host "${other.id}" is not ours to take down, but of ${ownerOf(other)}`)
  await Promise.all(hosts.map((record) => hostOf(record).down()))
  say(`took down ${hosts.map((host) => host.name).join(', ') || 'nothing'}`)
}

const ownerOf = ({ owner, bed }: HostRecord): string => (owner === null ? bed : `process ${owner.pid}`)

/** Runs a command in a host on our own terminal. */
function enter(id: string, argv: string[]): void {
  const [command = '', ...args] = [...entry(find(id).id), ...argv]
  const env = { ...ENVIRONMENT, TERM: process.env.TERM ?? 'dumb' }
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env, cwd: '/' })
  if (error !== undefined) throw error
  process.exitCode = status ?? 1
}

function find(id: string): HostRecord {
  const found = records().find((record) => record.id === id)
  if (found === undefined) throw new Error(`there is no host "${id}"; "bed list" says which there are`)
  return found
}

const program = new Command('bed')
  .enablePositionalOptions()
  .description('Debian hosts with systemd, on this machine')
  .addHelpText('after', EXAMPLES)
program.command('setup').description('install what the bed needs and build its base tree').action(setup)
program.command('up').argument('<count>').description('boot hosts that stay until "down"').action(up)
program
  .command('exec')
  .arguments('<host> <argv...>')
  .description('run a command in a host; its exit code is passed on')
  .passThroughOptions()
  .action((id, [first, ...rest]) => enter(id, first === '--' ? rest : [first, ...rest]))
program
  .command('shell')
  .argument('<host>')
  .description('a shell in a host')
  .action((id) => enter(id, ['bash', '-l']))
program.command('list').description('all hosts of this machine').action(list)
program
  .command('down')
  .argument('[host]')
  .description('take down a host, or all that "up" made in this checkout')
  .action(down)

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`bed: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
