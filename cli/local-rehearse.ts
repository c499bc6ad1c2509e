import { openHost } from '../agent/host.ts'
import { rehearse } from '../agent/rehearsal/rehearse.ts'
import { type LocalOptions, prepare } from './commands/local.ts'
import type { Context } from './context.ts'
import { showRehearsal } from './rehearsal-report.ts'

/** `drover local rehearse`: applies to a copy of this machine, and shows what became of it. */
export async function localRehearse(context: Context, dir: string, options: LocalOptions): Promise<number> {
  const run = await prepare(context, dir, options, 'rehearsal')
  try {
    const host = openHost(options.state)
    const rehearsal = await rehearse({ ...run.local, sealed: [], host })
    run.end()
    return await showRehearsal(context.print, run.form, run.host, rehearsal, options)
  } finally {
    run.end()
  }
}
