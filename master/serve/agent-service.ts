import { Failure } from '../../lib/failure.ts'
import { MAX_WAITING_WORDS, SENT_PIECE_BYTES } from '../../lib/limits.ts'
import type { AgentHandlers } from '../../proto/gen/drover/v1/Agent.ts'
import type { FollowResponse } from '../../proto/gen/drover/v1/FollowResponse.ts'
import { renew } from '../authority/enroll.ts'
import { checkFacts } from './check-facts.ts'
import { readReport } from './check-report.ts'
import type { Call, Handlers } from './handlers.ts'
import { Queue } from './queue.ts'
import { readRehearsal } from './rehearsals.ts'
import type { Serving } from './serving.ts'

/** What agents call. Each is answered about itself alone. */
export function agentService(serving: Serving): Handlers<AgentHandlers> {
  const { store, catalogs, fleet, rehearsals, counters, enrolling, now } = serving
  return {
    Follow(messages, call) {
      const { id, host } = agentOf(call)
      const words = new Queue<FollowResponse>(MAX_WAITING_WORDS)
      const stream = {
        messages,
        send: (word: FollowResponse) => words.push(word),
        end: (why?: Error) => words.end(why),
      }
      call.signal.addEventListener('abort', () => words.end(), { once: true })
      fleet.follow(id, host, stream).then(
        () => words.end(),
        (error: Error) => words.end(error),
      )
      return words
    },

    async *GetCatalog({ known_sha256 }, call) {
      const { host } = agentOf(call)
      const current = catalogs.current(host)
      if (!current?.sha256) throw new Failure('not-found', 'there is no catalog for this host yet')
      const { sha256, commit } = current
      const body = sha256 === known_sha256 ? null : await bodyOf(serving, sha256)
      const head = {
        sha256,
        bytes: body?.length ?? 0,
        commit: commit ?? '',
        secrets: [...(await serving.secretsOf(host))],
      }
      yield { head }
      if (body !== null) yield* pieces(body)
    },

    async *GetBlob({ sha256, offset }, call) {
      const { host } = agentOf(call)
      if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Failure('invalid', 'a hash is 64 hexadecimal digits')
      const current = catalogs.current(host)
      // One answer for what does not exist and for what is another's: nothing is learnt from it.
      if (current === null || !namesOf(current).has(sha256)) {
        throw new Failure('not-found', "this host's catalog names no such content")
      }
      const body = await bodyOf(serving, sha256)
      if (offset > body.length) throw new Failure('invalid', `the content has ${body.length} bytes`)
      yield* pieces(body.subarray(offset))
    },

    async PutFacts({ facts }, call) {
      const { id, host } = agentOf(call)
      const read = checkFacts(facts)
      if (await store.facts.put({ hostId: id, facts, at: now() })) {
        // A mistake of the site is the site's; the host has done its part.
        catalogs.factsChanged(host, read).catch((error: Error) => {
          serving.log.error('facts could not be compiled', { host, stack: error.stack })
        })
      }
      return {}
    },

    async PutReport(messages, call) {
      const { id, host } = agentOf(call)
      const { head, body } = await readReport(messages, now())
      const circumstances = {
        received_at: now(),
        ...(await catalogOf(serving, host, head.catalog_sha256)),
        requested_by: await askerOf(serving, id, head.request_id),
      }
      try {
        const done = await store.runs.record({ hostId: id, head, body, circumstances })
        if (done === 'recorded') counters.reported(head)
        return { already_recorded: done === 'already' }
      } catch (error) {
        if (error instanceof Failure && error.code === 'conflict') await alarm(serving, host, head.run_id)
        throw error
      }
    },

    async PutRehearsal(messages, call) {
      const { id } = agentOf(call)
      const { requestId, body } = await readRehearsal(messages)
      rehearsals.put(id, requestId, body)
      return {}
    },

    async Renew({ generation }, call) {
      const { id } = agentOf(call)
      if (call.peer.publicKey === null) throw new Failure('unauthenticated', 'there is no certificate')
      return renew(enrolling, { id, publicKey: call.peer.publicKey, generation })
    },
  }
}

function agentOf({ caller }: Call): { id: string; host: string } {
  if (caller.kind !== 'agent') throw new Error('the policy let someone in who is no agent')
  return caller
}

/** Who asked for a run, as the master wrote it down; `null` for a run that nobody asked this host for. */
async function askerOf({ store }: Serving, hostId: string, requestId: string | null): Promise<string | null> {
  if (requestId === null) return null
  return (await store.requests.get({ hostId, requestId }))?.requested_by ?? null
}

/** What is known of the catalog that a run was about. Refuses one that the host never had. */
async function catalogOf(
  { catalogs, store }: Serving,
  host: string,
  sha256: string | null,
): Promise<{ commit: string | null; is_current: boolean }> {
  if (sha256 === null) return { commit: null, is_current: false }
  const current = catalogs.current(host)
  if (current?.sha256 === sha256) return { commit: current.commit, is_current: true }
  const past = await store.catalogs.past({ host, sha256 })
  // One answer for what does not exist and for what is another's.
  if (past === undefined) throw new Failure('not-found', 'this host never had the catalog of this report')
  return { commit: past.commit || null, is_current: false }
}

/** Two bodies of one run: an agent that is broken, or somebody with its key. */
async function alarm({ store, now, log }: Serving, host: string, runId: string): Promise<void> {
  log.error('a run was reported twice with different bodies', { host, run: runId })
  const detail = JSON.stringify({ alarm: 'a run was reported twice with different bodies', run: runId })
  await store.audit.append({
    at: now(),
    actor: host,
    method: 'PutReport',
    subject: host,
    detail,
    result: 'conflict',
  })
}

const names = new WeakMap<object, ReadonlySet<string>>()

/** What a catalog names, as a set that is made once: a host may ask for thousands. */
function namesOf(catalog: { readonly blobs: readonly string[] }): ReadonlySet<string> {
  const known = names.get(catalog) ?? new Set(catalog.blobs)
  names.set(catalog, known)
  return known
}

export async function bodyOf({ bodies }: Pick<Serving, 'bodies'>, sha256: string): Promise<Buffer> {
  const body = await bodies.get(sha256)
  if (body === null) throw new Error(`the store has lost ${sha256}`)
  return body
}

/** In order, each small enough to wait in memory for a slow reader. */
export function* pieces(bytes: Buffer): Generator<{ data: Buffer }> {
  for (let at = 0; at < bytes.length; at += SENT_PIECE_BYTES) {
    yield { data: bytes.subarray(at, at + SENT_PIECE_BYTES) }
  }
}
