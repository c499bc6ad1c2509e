import { closeSync, existsSync } from 'node:fs'
import { openHost } from '../agent/host.ts'
import { runLock } from '../agent/journal.ts'
import { rehearse } from '../agent/rehearsal/rehearse.ts'
import { Failure } from '../lib/failure.ts'
import { type LocalOptions, prepare } from './commands/local.ts'
import type { Context } from './context.ts'
import { showRehearsal } from './rehearsal-report.ts'

/** `drover local rehearse`: applies to a copy of this machine, and shows what became of it. */
export async function localRehearse(context: Context, dir: string, options: LocalOptions): Promise<number> {
  const run = await prepare(context, dir, options, 'rehearsal')
  try {
    const host = openHost(options.state)
    const rehearsal = await undisturbed(options.state, () => rehearse({ ...run.local, sealed: [], host }))
    run.end()
    return await showRehearsal(context.print, run.form, run.host, rehearsal, options)
  } finally {
    run.end()
  }
}

/** While no run of drover changes the host below the copy. */
async function undisturbed<T>(stateDir: string, work: () => Promise<T>): Promise<T> {
  // Where drover has never run, its lock would be the only trace of the rehearsal.
  const hasRun = existsSync(stateDir)
  const lock = hasRun ? runLock(stateDir) : null
  try {
    const done = await work()
    if (hasRun || !existsSync(stateDir)) return done
  } finally {
    if (lock !== null) closeSync(lock)
  }
  throw new Failure('conflict', 'the first run of drover on this host began meanwhile', {
    about: stateDir,
    hint: 'rehearse again when it has ended',
  })
}
