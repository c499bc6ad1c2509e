import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import type { Test } from 'tap'
import type { RequestOf, StreamMethod, UnaryMethod } from '../../cli/operator.ts'
import { Failure } from '../../lib/failure.ts'
import { statusOf } from '../../proto/failures.ts'
import { operatorService } from '../../proto/services.ts'

type Asked = Record<string, unknown>
/** What each method answers; a `Failure` ends the call. */
export type Answers = {
  readonly [M in UnaryMethod]?: object | Failure | ((request: Asked) => object | Failure)
} & {
  readonly [M in StreamMethod]?: (
    request: Asked,
    ended: AbortSignal,
  ) => AsyncIterable<object> | Iterable<object>
}

export type CannedMaster = {
  readonly socket: string
  /** What was asked, in order. */
  readonly asked: readonly { readonly method: string; readonly request: RequestOf<UnaryMethod> & Asked }[]
}

type HandleCall = UntypedServiceImplementation[string]
type Note = (request: never) => void
type Streamed = (request: never, ended: AbortSignal) => AsyncIterable<object> | Iterable<object>

const streaming = (answer: Streamed, note: Note) => (call: ServerWritableStream<never, object>) => {
  note(call.request)
  return send(call, answer)
}

const unary =
  (answer: object | ((request: never) => object), note: Note) =>
  (call: ServerUnaryCall<never, object>, done: sendUnaryData<object>) => {
    note(call.request)
    const given = typeof answer === 'function' ? answer(call.request) : answer
    if (given instanceof Failure) done(statusOf(given))
    else done(null, given)
  }

/** A master that knows nothing and answers what it was told to, over a real socket. */
export async function cannedMaster(t: Test, answers: Answers): Promise<CannedMaster> {
  const asked: { method: string; request: never }[] = []
  const server = new Server({ 'grpc.max_send_message_length': -1 })
  const methods: UntypedServiceImplementation = {}
  for (const [method, answer] of Object.entries(answers)) {
    const streams = operatorService[method as UnaryMethod].responseStream
    const note = (request: never) => asked.push({ method, request })
    methods[method] = (
      streams ? streaming(answer as never, note) : unary(answer as never, note)
    ) as HandleCall
  }
  server.addService(operatorService, methods)
  // The path of a socket has room for some hundred letters, fewer than that of a testdir has.
  const dir = mkdtempSync(join(tmpdir(), 'drover-'))
  const socket = join(dir, 'master.sock')
  t.teardown(() => {
    server.forceShutdown()
    rmSync(dir, { recursive: true })
  })
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    )
  })
  return { socket, asked }
}

async function send(call: ServerWritableStream<never, object>, answer: Streamed): Promise<void> {
  const ended = new AbortController()
  call.on('cancelled', () => ended.abort())
  try {
    for await (const message of answer(call.request, ended.signal)) call.write(message)
    call.end()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    call.emit('error', statusOf(error))
  }
}
