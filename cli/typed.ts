import type { Context } from './context.ts'
import { Usage } from './exit.ts'

type Wanted = {
  /** On a terminal. */
  readonly question: string
  /** Where it can come from, if not from the standard input. */
  readonly otherwise: string
}

/** What is secret and comes on the standard input: piped in, or typed, which is not shown. */
export async function readHidden(
  { stdin, stderr }: Context,
  { question, otherwise }: Wanted,
): Promise<Buffer> {
  if (stdin.isTTY) return Buffer.from(await typed(stdin, stderr as NodeJS.WritableStream, question))
  const pieces: Buffer[] = []
  for await (const piece of stdin) pieces.push(Buffer.from(piece))
  const text = Buffer.concat(pieces)
  if (text.length > 0) return text
  throw new Usage('there is nothing on standard input', otherwise)
}

async function typed(
  stdin: Context['stdin'],
  stderr: NodeJS.WritableStream,
  question: string,
): Promise<string> {
  const { createInterface } = await import('node:readline')
  const { Writable } = await import('node:stream')
  const nowhere = new Writable({ write: (_piece, _encoding, done) => done() })
  stderr.write(question)
  const reader = createInterface({ input: stdin, output: nowhere, terminal: true })
  const answer = await new Promise<string>((resolve) => {
    reader.once('line', resolve)
    reader.once('close', () => resolve(''))
  })
  reader.close()
  stderr.write('\n')
  if (answer === '') throw new Usage('nothing was typed, and nothing was done')
  return answer
}
