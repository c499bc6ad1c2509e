import { type Form, OUTPUT_VERSION } from './context.ts'
import { escapeJson, UNSAFE_IN_JSON } from './escape.ts'
import type { Print } from './print.ts'

/** One value as JSON or YAML. */
export async function printValue(print: Print, form: Form, value: unknown): Promise<void> {
  if (form !== 'yaml') return print.raw(`${escapeJson(JSON.stringify(value, null, 2))}\n`)
  const { stringify } = await import('yaml')
  const plain = JSON.parse(JSON.stringify(value))
  const text = stringify(plain, { lineWidth: 0 })
  // Only strings in quotes can hold escapes.
  const quoted = { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE' } as const
  print.raw(UNSAFE_IN_JSON.test(text) ? escapeJson(stringify(plain, quoted)) : text)
}

/** One event as a line of JSON. */
export const printEvent = (print: Print, event: unknown) =>
  print.raw(`${escapeJson(JSON.stringify(event))}\n`)

export const printVersion = (print: Print) => printEvent(print, { type: 'version', format: OUTPUT_VERSION })

export type Listed<Row> = {
  /** The key of all of them, and the type of one as an event. */
  readonly list: string
  readonly one: string
  readonly name: (row: Row) => string
  /** What is said beside the list, in one document. */
  readonly beside?: Readonly<Record<string, unknown>>
}

/** A list for programs. False when the form is one for people, and nothing was printed. */
export async function printList<Row extends object>(
  print: Print,
  form: Form,
  { list, one, name, beside }: Listed<Row>,
  rows: readonly Row[],
): Promise<boolean> {
  if (form === 'table' || form === 'wide') return false
  if (form === 'json' || form === 'yaml')
    await printValue(print, form, { version: OUTPUT_VERSION, [list]: rows, ...beside })
  else if (form === 'name') print.out(rows.map((row) => [name(row)]))
  else {
    printVersion(print)
    for (const row of rows) printEvent(print, { type: one, ...row })
  }
  return true
}
