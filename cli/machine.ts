import type { Form } from './context.ts'
import type { Print } from './print.ts'

/** One value as JSON or YAML. */
export async function printValue(print: Print, form: Form, value: unknown): Promise<void> {
  if (form === 'yaml') {
    const { stringify } = await import('yaml')
    print.raw(stringify(JSON.parse(JSON.stringify(value)), { lineWidth: 0 }))
    return
  }
  print.raw(`${JSON.stringify(value, null, 2)}\n`)
}

/** One event as a line of JSON. */
export const printEvent = (print: Print, event: unknown) => print.raw(`${JSON.stringify(event)}\n`)
