import { once } from 'node:events'
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { sha256 } from '../../lib/sha256.ts'
import type { AgentHandlers } from '../../proto/gen/drover/v1/Agent.ts'
import type { Finished__Output } from '../../proto/gen/drover/v1/Finished.ts'
import type { FollowRequest__Output } from '../../proto/gen/drover/v1/FollowRequest.ts'
import type { FollowResponse } from '../../proto/gen/drover/v1/FollowResponse.ts'
import type { GetBlobRequest__Output } from '../../proto/gen/drover/v1/GetBlobRequest.ts'
import type { GetBlobResponse } from '../../proto/gen/drover/v1/GetBlobResponse.ts'
import type { GetCatalogRequest__Output } from '../../proto/gen/drover/v1/GetCatalogRequest.ts'
import type { GetCatalogResponse } from '../../proto/gen/drover/v1/GetCatalogResponse.ts'
import type { ModeNews } from '../../proto/gen/drover/v1/ModeNews.ts'
import type { PutReportRequest__Output } from '../../proto/gen/drover/v1/PutReportRequest.ts'
import type { PutReportResponse } from '../../proto/gen/drover/v1/PutReportResponse.ts'
import type { ReportHead__Output } from '../../proto/gen/drover/v1/ReportHead.ts'
import type { RunOrder } from '../../proto/gen/drover/v1/RunOrder.ts'
import { agentService } from '../../proto/services.ts'
import { type Pair, testAuthority } from './pki.ts'

/** Certificates of one authority for a server on loopback and for one agent. */
export type Pki = { readonly roots: string; readonly server: Pair; readonly client: Pair }

export async function makePki(name = '127.0.0.1'): Promise<Pki> {
  const { root, issue } = await testAuthority('test')
  const type = /^[\d.]+$/.test(name) ? 'ip' : 'dns'
  return {
    roots: root,
    server: await issue({ use: 'server', names: [{ type, value: name }] }),
    client: await issue({ use: 'client', names: [{ type: 'url', value: 'spiffe://test/agent/1' }] }),
  }
}

export type Row = {
  readonly head: ReportHead__Output
  readonly body: Buffer
  /** How often it came. */
  times: number
}

type Stream = ServerDuplexStream<FollowRequest__Output, FollowResponse>

/** What a test may do to a report on its way. */
export type Hooks = {
  /** Before it is recorded; what it throws is the answer. */
  before?: (head: ReportHead__Output) => Promise<void> | void
  /** After it is recorded and before the answer. */
  after?: (head: ReportHead__Output) => Promise<void> | void
}

/**
 * A master for one agent, as small as can be: real gRPC and mTLS, rows in memory. It records a run id once, as the
 * real one does, and refuses another body under the same id.
 */
export class SmallMaster {
  readonly rows = new Map<string, Row>()
  readonly facts: Buffer[] = []
  readonly heard: FollowRequest__Output[] = []
  readonly blobs = new Map<string, Buffer>()
  /** What was asked for, in short. */
  readonly asked: string[] = []
  catalog: { bytes: Buffer; sha256: string; min: string } | null = null
  mode: ModeNews = { mode: 'MODE_ENFORCE', until: 0, reason: '', by: '' }
  reconnectWithinMs = 0
  /** Takes streams and never says a word. */
  mute = false
  hooks: Hooks = {}
  address = '127.0.0.1:0'
  connects = 0
  #server: Server | null = null
  #stream: Stream | null = null
  #waiting: { test: () => unknown; resolve: () => void }[] = []
  readonly pki: Pki

  constructor(pki: Pki) {
    this.pki = pki
  }

  /** Listens where it did before. */
  async start(): Promise<void> {
    const { roots, server } = this.pki
    const pair = { private_key: Buffer.from(server.key), cert_chain: Buffer.from(server.chain) }
    this.#server = new Server({ 'grpc.max_receive_message_length': 1024 * 1024 })
    this.#server.addService(agentService, this.#handlers() as never)
    const listening = ServerCredentials.createSsl(Buffer.from(roots), [pair], true)
    const port = await new Promise<number>((resolve, reject) => {
      this.#server?.bindAsync(this.address, listening, (error, bound) =>
        error ? reject(error) : resolve(bound),
      )
    })
    this.address = `${this.address.replace(/:\d+$/, '')}:${port}`
  }

  /** As if it had been killed. */
  stop(): void {
    this.#stream = null
    this.#server?.forceShutdown()
    this.#server = null
  }

  declare(catalog: object, { min = '' } = {}): string {
    const bytes = Buffer.from(JSON.stringify(catalog))
    const digest = sha256(bytes)
    this.catalog = { bytes, sha256: digest, min }
    this.say({ catalog: { sha256: digest, commit: '' } })
    return digest
  }

  say(message: FollowResponse): void {
    this.#stream?.write(message)
  }

  /** What an order comes to. */
  async order(order: RunOrder & { request_id: string }): Promise<Finished__Output> {
    await this.until(() => this.#stream !== null)
    this.say({ run: order })
    return this.finished(order.request_id)
  }

  async finished(id: string): Promise<Finished__Output> {
    const find = () => this.heard.find(({ finished }) => finished?.request_id === id)?.finished
    await this.until(find)
    return find() as Finished__Output
  }

  /** Resolves when something holds, which is looked at whenever the agent has said something. */
  until(test: () => unknown): Promise<void> {
    if (test()) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ test, resolve }))
  }

  #changed(): void {
    const met = this.#waiting.filter(({ test }) => test())
    this.#waiting = this.#waiting.filter((one) => !met.includes(one))
    for (const { resolve } of met) resolve()
  }

  #handlers(): AgentHandlers {
    return {
      Follow: (stream: Stream) => this.#follow(stream),
      GetCatalog: (call: ServerWritableStream<GetCatalogRequest__Output, GetCatalogResponse>) =>
        this.#getCatalog(call),
      GetBlob: (call: ServerWritableStream<GetBlobRequest__Output, GetBlobResponse>) => this.#getBlob(call),
      PutFacts: (call, done) => {
        this.facts.push(Buffer.from(call.request.facts))
        done(null, {})
        this.#changed()
      },
      PutReport: (
        call: ServerReadableStream<PutReportRequest__Output, PutReportResponse>,
        done: sendUnaryData<PutReportResponse>,
      ) => {
        this.#putReport(call).then(
          (answer) => done(null, answer),
          (error) => done(error),
        )
      },
      PutRehearsal: (_call, done) => done({ code: status.UNIMPLEMENTED }),
      Renew: (_call, done) => done({ code: status.UNIMPLEMENTED }),
    }
  }

  #follow(stream: Stream): void {
    this.connects += 1
    stream.on('error', () => undefined)
    this.#changed()
    if (this.mute) return
    stream.on('data', (message: FollowRequest__Output) => {
      this.heard.push(message)
      if (message.hello) {
        this.#stream = stream
        stream.write({
          welcome: {
            host: 'h',
            catalog: { sha256: this.catalog?.sha256 ?? '', commit: '' },
            mode: this.mode,
            reconnect_within_ms: this.reconnectWithinMs,
            now: Date.now(),
          },
        })
      }
      this.#changed()
    })
    stream.on('end', () => stream.end())
  }

  #getCatalog(call: ServerWritableStream<GetCatalogRequest__Output, GetCatalogResponse>): void {
    this.asked.push('catalog')
    if (this.catalog !== null) {
      const { bytes, sha256, min } = this.catalog
      const head = { sha256, bytes: bytes.length, commit: '', min_agent_version: min, secrets: [] }
      call.write({ head })
      if (call.request.known_sha256 !== sha256)
        for (let at = 0; at < bytes.length; at += 1000) call.write({ data: bytes.subarray(at, at + 1000) })
    }
    call.end()
  }

  #getBlob(call: ServerWritableStream<GetBlobRequest__Output, GetBlobResponse>): void {
    const { sha256, offset } = call.request
    this.asked.push(`blob ${sha256.slice(0, 8)} from ${offset}`)
    const bytes = this.blobs.get(sha256)
    if (bytes === undefined) call.emit('error', { code: status.NOT_FOUND, details: 'no such content' })
    else {
      call.write({ data: bytes.subarray(offset) })
      call.end()
    }
  }

  async #putReport(
    call: ServerReadableStream<PutReportRequest__Output, PutReportResponse>,
  ): Promise<PutReportResponse> {
    let head: ReportHead__Output | null = null
    const pieces: Buffer[] = []
    call.on('data', (part: PutReportRequest__Output) => {
      if (part.head) head = part.head
      if (part.data) pieces.push(Buffer.from(part.data))
    })
    await once(call, 'end')
    return this.#record(head as unknown as ReportHead__Output, Buffer.concat(pieces))
  }

  async #record(head: ReportHead__Output, body: Buffer): Promise<PutReportResponse> {
    const digest = sha256(body)
    if (digest !== head.body_sha256 || body.length !== head.body_bytes)
      throw { code: status.INVALID_ARGUMENT, details: 'the body is not what the head says' }
    await this.hooks.before?.(head)
    const known = this.rows.get(head.run_id)
    if (known !== undefined && JSON.stringify(known.head) !== JSON.stringify(head))
      throw { code: status.ALREADY_EXISTS, details: 'another report has this id' }
    if (known === undefined) this.rows.set(head.run_id, { head, body, times: 1 })
    else known.times += 1
    await this.hooks.after?.(head)
    setImmediate(() => this.#changed())
    return { already_recorded: known !== undefined }
  }
}
