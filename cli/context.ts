import type { Readable } from 'node:stream'
import type { Environment, Print, Sink, When } from './print.ts'

/** What a process has, and a test hands in. */
export type Io = {
  readonly stdout: Sink
  readonly stderr: Sink
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly env: Environment
}

/** What every verb is handed. It returns its exit code. */
export type Context = Io & { readonly print: Print }

/** The flags that every verb has. */
export type CommonOptions = { readonly color: When; readonly debug?: boolean }

export const FORMS = ['table', 'wide', 'json', 'yaml', 'jsonl', 'name'] as const
export type Form = (typeof FORMS)[number]

export type OutputOptions = { readonly output: Form; readonly json?: boolean }

/** The flags of every verb that looks at what drover keeps on this host. */
export type HereOptions = CommonOptions & OutputOptions & { readonly state: string }

export const formOf = ({ output, json }: OutputOptions): Form => (json ? 'json' : output)

/** Of all machine output. A field that is added raises the second number, anything else the first. */
export const OUTPUT_VERSION = '1.0'
