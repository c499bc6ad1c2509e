import { type CommonOptions, type Context, formOf, OUTPUT_VERSION, type OutputOptions } from '../context.ts'
import { EXIT } from '../exit.ts'
import { printValue } from '../machine.ts'
import { VERSION } from '../version.ts'

/** `drover version`. */
export async function version({ print }: Context, options: CommonOptions & OutputOptions): Promise<number> {
  const form = formOf(options)
  if (form === 'table') print.out([[`drover ${VERSION}, node ${process.version}`]])
  else await printValue(print, form, { version: OUTPUT_VERSION, drover: VERSION, node: process.version })
  return EXIT.done
}
