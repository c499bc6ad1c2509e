import { PassThrough, Writable } from 'node:stream'
import { main } from '../../cli/main.ts'
import type { Environment } from '../../cli/print.ts'

export type Said = { readonly code: number; readonly out: string; readonly err: string }

export type Setting = {
  readonly env?: Environment
  /** What a person types; given, all streams are a terminal. */
  readonly typed?: string
  /** What is piped in. */
  readonly stdin?: string
  readonly terminal?: boolean
  /** The first stream throws, as nothing is expected to. */
  readonly broken?: boolean
}

/** One command line in this process, with streams of its own. */
export async function runCli(words: readonly string[], setting: Setting = {}): Promise<Said> {
  const isTTY = setting.terminal ?? setting.typed !== undefined
  const out = sink(isTTY, setting.broken)
  const err = sink(isTTY)
  const stdin = Object.assign(new PassThrough(), { isTTY })
  stdin.end(setting.typed ?? setting.stdin ?? '')
  const io = { stdout: out.stream, stderr: err.stream, stdin, env: setting.env ?? {} }
  const code = await main(words, io)
  return { code, out: out.text(), err: err.text() }
}

function sink(isTTY: boolean, broken = false) {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  const write = broken ? { write: () => breakDown() } : {}
  return { stream: Object.assign(stream, { isTTY, columns: 100, ...write }), text: () => chunks.join('') }
}

function breakDown(): boolean {
  throw new TypeError('nobody foresaw this')
}
