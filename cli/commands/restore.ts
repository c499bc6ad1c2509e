import { USUAL } from '../../master/settings.ts'
import { restoreStore } from '../../master/store/restore.ts'
import { type CommonOptions, type Context, formOf, OUTPUT_VERSION, type OutputOptions } from '../context.ts'
import { EXIT } from '../exit.ts'
import { ownPath } from '../own-path.ts'

type RestoreOptions = CommonOptions & OutputOptions & { readonly state?: string }

/** `drover restore`: puts a copy of the master's store where a master that is not running will find it. */
export async function restore(context: Context, file: string, options: RestoreOptions): Promise<number> {
  process.umask(0o077)
  const restored = await restoreStore(file, ownPath(options.state ?? USUAL.state))
  const form = formOf(options)
  if (form !== 'table') {
    const { printValue } = await import('../machine.ts')
    await printValue(context.print, form, { version: OUTPUT_VERSION, ...restored })
    return EXIT.done
  }
  const { path, hosts, runs, newestAt } = restored
  const until = newestAt === null ? 'without any report' : `until ${new Date(newestAt).toISOString()}`
  context.print.out([
    [`${path}: ${hosts} hosts and ${runs} runs, ${until}; the copy is whole`],
    [['dim', 'The keys are not in it: put pki/ and secrets.key back beside it before the master starts.']],
  ])
  return EXIT.done
}
