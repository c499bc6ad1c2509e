#!/usr/bin/env node
import { realpathSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { CommanderError } from 'commander'
import { Failure, reasonOf } from '../lib/failure.ts'
import { sha256 } from '../lib/sha256.ts'
import type { Io } from './context.ts'
import { EXIT, exitCodeOf, Usage } from './exit.ts'
import { type Line, linesOf, openPrint, type Print, type When } from './print.ts'
import { buildProgram, type Ran } from './program.ts'

/** Runs one command line and returns its exit code. Nothing it throws gets out. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const ran: Ran = { code: EXIT.done }
  try {
    await parse(argv, io, ran)
    return ran.code
  } catch (thrown) {
    const print = openPrint(io, colourOf(argv))
    await explain(thrown, argv, print)
    return exitCodeOf(thrown)
  }
}

async function parse(argv: readonly string[], io: Io, ran: Ran): Promise<void> {
  const program = buildProgram(io, ran)
  if (argv[0] === 'complete' && argv[1] === '--') {
    const { complete } = await import('./commands/completion.ts')
    return complete(program, argv.slice(2), openPrint(io), io.env)
  }
  const output = {
    writeOut: (text: string) => void io.stdout.write(text),
    writeErr: (text: string) => void io.stderr.write(text),
    // Said once, by us.
    outputError: () => undefined,
  }
  for (const command of [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)]) {
    command.exitOverride().configureOutput(output)
  }
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Help that was asked for, or the version.
    if (error.exitCode === 0) return
    // Help that stands where a verb was missing is on the screen already.
    if (error.code === 'commander.help') throw new Usage('name a verb')
    const [message = '', hint] = error.message.replace(/^error: /, '').split('\n')
    throw new Usage(message, hint?.replace(/^\((.*)\)$/, '$1') ?? null)
  }
}

/** The flag may stand anywhere, and the command line that holds it may be wrong elsewhere. */
function colourOf(argv: readonly string[]): When {
  const word = argv.join(' ').match(/--color[= ](always|never)/)?.[1]
  return word === undefined ? 'auto' : (word as When)
}

async function explain(thrown: unknown, argv: readonly string[], print: Print): Promise<void> {
  print.live(null)
  if (thrown instanceof Error && thrown.name === 'BadSite') {
    const { printDiagnostics } = await import('./diagnostics-text.ts')
    return printDiagnostics(thrown as never, print)
  }
  if (thrown instanceof Failure || thrown instanceof Usage) {
    const about = thrown instanceof Failure && thrown.about ? `${thrown.about}: ` : ''
    const said = thrown.message.startsWith(about) ? thrown.message : `${about}${thrown.message}`
    return print.err(errorLines(said, thrown.hint ?? null))
  }
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  const id = sha256(stack).slice(0, 8)
  const debug = argv.includes('--debug')
  const hint = debug ? null : 'this is a fault of drover; --debug shows where it comes from'
  print.err(errorLines(`internal error ${id}: ${reasonOf(thrown)}`, hint))
  if (debug) print.err(linesOf(stack).map((line): Line => [['dim', line]]))
}

function errorLines(message: string, hint: string | null): Line[] {
  const [first = '', ...others] = linesOf(message)
  return [
    [['fail', 'error: '], first],
    ...others.map((line): Line => [`  ${line}`]),
    ...(hint === null ? [] : [[['dim', 'hint: '] as const, hint]]),
  ]
}

/** A reader that has seen enough, such as `head`, ends neither a run nor the output with noise. */
function quietly(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  // What Node says to developers, such as of a master that is addressed by number, is nothing to users.
  process.noDeprecation = true
  // Such as that of a name that is an address: for the authors of libraries, and noise to whoever uses drover.
  process.noDeprecation = true
  quietly(process.stdout)
  quietly(process.stderr)
  process.exitCode = await main(process.argv.slice(2), process)
}
