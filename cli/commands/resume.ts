import { type CommonOptions, type Context, formOf, OUTPUT_VERSION, type OutputOptions } from '../context.ts'
import { EXIT } from '../exit.ts'
import { printValue } from '../machine.ts'
import type { MasterOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import type { Line } from '../print.ts'

type Options = CommonOptions & OutputOptions & MasterOptions

/** `drover resume`: a paused host goes on, or some of its resources are enforced again. */
export async function resume(
  context: Context,
  host: string,
  ids: readonly string[],
  options: Options,
): Promise<number> {
  const { resources } = await withOperator(context, options, (operator) =>
    operator.call('Resume', { host, resources: [...ids] }),
  )
  const form = formOf(options)
  if (form !== 'table') {
    const mode = ids.length === 0 ? { mode: 'enforce' } : {}
    await printValue(context.print, form, { version: OUTPUT_VERSION, host, ...mode, resources })
    return EXIT.done
  }
  const idle = ids.filter((id) => !resources.includes(id))
  context.print.out([
    ...(ids.length === 0 ? [[['bold', host], ' goes on'] as Line] : []),
    ...resources.map((id): Line => [['bold', id], ' is enforced again']),
    ...idle.map((id): Line => [['bold', id], ' was not paused']),
  ])
  return EXIT.done
}
