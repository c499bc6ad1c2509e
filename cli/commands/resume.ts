import { type Context, formOf, OUTPUT_VERSION } from '../context.ts'
import { EXIT, Usage } from '../exit.ts'
import { printValue } from '../machine.ts'
import type { AskOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import { exitOf, isDone, problemLines } from '../pauses-text.ts'
import type { Line } from '../print.ts'
import { someOf } from '../value-text.ts'

type Options = AskOptions & { readonly role?: string }

/** `drover resume`: a paused host goes on, or some of its resources are enforced again. */
export async function resume(
  context: Context,
  host: string | undefined,
  ids: readonly string[],
  options: Options,
): Promise<number> {
  const { role = '' } = options
  if (host === undefined && role === '') throw new Usage('name a host, or a role by --role')
  const { resources, hosts } = await withOperator(context, options, (operator) =>
    operator.call('Resume', { host: host ?? '', resources: [...ids], role }),
  )
  const isWhole = ids.length === 0 && role === ''
  const form = formOf(options)
  if (form !== 'table') {
    const of = host === undefined ? { role, hosts } : { host, ...(isWhole && { mode: 'enforce' }), resources }
    await printValue(context.print, form, { version: OUTPUT_VERSION, ...of })
    return exitOf(hosts)
  }
  if (host === undefined) {
    context.print.out(hosts.filter(isDone).map((one) => againLine(one.host, one.resources)))
    context.print.err(problemLines(hosts))
    return exitOf(hosts)
  }
  const idle = ids.filter((id) => !resources.includes(id))
  context.print.out([
    ...(isWhole ? [[['bold', host], ' goes on'] as Line] : []),
    ...resources.map((id): Line => [['bold', id], ' is enforced again']),
    ...idle.map((id): Line => [['bold', id], ' was not paused']),
  ])
  return EXIT.done
}

const againLine = (host: string, resources: readonly string[]): Line => [
  ['bold', host],
  resources.length === 0 ? ' had none of it paused' : ` enforces ${someOf(resources)} again`,
]
