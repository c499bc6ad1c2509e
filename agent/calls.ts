import { Failure } from '../lib/failure.ts'
import { MAX_CATALOG_BYTES, PIECE_BYTES } from '../lib/limits.ts'
import { sha256 } from '../lib/sha256.ts'
import type { AgentClient } from '../proto/gen/drover/v1/Agent.ts'
import type { CatalogHead__Output } from '../proto/gen/drover/v1/CatalogHead.ts'
import type { GetCatalogResponse__Output } from '../proto/gen/drover/v1/GetCatalogResponse.ts'
import type { PutReportResponse__Output } from '../proto/gen/drover/v1/PutReportResponse.ts'
import type { RenewResponse__Output } from '../proto/gen/drover/v1/RenewResponse.ts'
import type { ReportHead } from '../proto/gen/drover/v1/ReportHead.ts'
import { messages, unary } from './wire.ts'

/** `bytes` is `null` when the known one is still right. */
export type ReceivedCatalog = { readonly head: CatalogHead__Output; readonly bytes: Buffer | null }

/** What an agent asks its master, each with a deadline. All throw `Failure`. */
export interface Calls {
  /** `null`: there is none yet. */
  catalog(known: string): Promise<ReceivedCatalog | null>
  blob(sha256: string, offset: number): AsyncIterable<Buffer>
  putFacts(facts: Buffer): Promise<void>
  /** Returns when the master has it on disk. */
  putReport(head: ReportHead, body: Buffer): Promise<{ readonly alreadyRecorded: boolean }>
  /** What a rehearsal came to, for who ordered it. */
  putRehearsal(requestId: string, body: Buffer): Promise<void>
  renew(generation: number): Promise<RenewResponse__Output>
}

export function callsOf(client: AgentClient, callMs: number): Calls {
  return {
    async catalog(known) {
      const parts = messages('GetCatalog', callMs, client.getCatalog({ known_sha256: known }))
      const { head, bytes } = await collect(parts)
      if (head === null || head.sha256 === '') return null
      return head.sha256 === known && bytes.length === 0 ? { head, bytes: null } : whole(head, bytes)
    },
    async *blob(sha256, offset) {
      for await (const { data } of messages('GetBlob', callMs, client.getBlob({ sha256, offset })))
        if (data.length > 0) yield Buffer.from(data)
    },
    async putFacts(facts) {
      await unary('PutFacts', callMs, (done) => client.putFacts({ facts }, done))
    },
    async putReport(head, body) {
      const answer = await unary<PutReportResponse__Output>('PutReport', callMs, (done, heard) => {
        const call = client.putReport(done)
        // How it ended is told to `done`.
        call.on('error', () => undefined)
        call.write({ head, data: body.subarray(0, PIECE_BYTES) }, heard)
        for (let at = PIECE_BYTES; at < body.length; at += PIECE_BYTES)
          call.write({ data: body.subarray(at, at + PIECE_BYTES) }, heard)
        call.end()
        return call
      })
      return { alreadyRecorded: answer.already_recorded }
    },
    async putRehearsal(request_id, body) {
      await unary('PutRehearsal', callMs, (done, heard) => {
        const call = client.putRehearsal(done)
        // How it ended is told to `done`.
        call.on('error', () => undefined)
        call.write({ request_id, data: body.subarray(0, PIECE_BYTES) }, heard)
        for (let at = PIECE_BYTES; at < body.length; at += PIECE_BYTES)
          call.write({ data: body.subarray(at, at + PIECE_BYTES) }, heard)
        call.end()
        return call
      })
    },
    renew: (generation) =>
      unary<RenewResponse__Output>('Renew', callMs, (done) => client.renew({ generation }, done)),
  }
}

async function collect(parts: AsyncIterable<GetCatalogResponse__Output>) {
  let head: CatalogHead__Output | null = null
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const part of parts) {
    head = part.head ?? head
    if (part.data) pieces.push(part.data)
    length += part.data?.length ?? 0
    if (length > MAX_CATALOG_BYTES) throw tooLarge()
  }
  return { head, bytes: Buffer.concat(pieces) }
}

function whole(head: CatalogHead__Output, bytes: Buffer): ReceivedCatalog {
  const digest = sha256(bytes)
  if (bytes.length === head.bytes && digest === head.sha256) return { head, bytes }
  throw new Failure('unavailable', `GetCatalog: ${bytes.length} of ${head.bytes} bytes came, or others`, {
    hint: 'it is fetched again',
  })
}

const tooLarge = () =>
  new Failure('invalid', `GetCatalog: more than the ${MAX_CATALOG_BYTES} bytes that a catalog may have`, {
    hint: 'give this host fewer resources',
  })
