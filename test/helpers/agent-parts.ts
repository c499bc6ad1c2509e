import { appendFileSync } from 'node:fs'
import type { AgentParts, AgentTimes } from '../../agent/agent.ts'
import { openJournal } from '../../agent/journal.ts'
import type { Local, Session } from '../../agent/local.ts'
import { openSecrets } from '../../agent/secrets.ts'
import type { Catalog } from '../../lib/catalog.ts'
import type { Facts } from '../../lib/facts.ts'
import { openLog } from '../../lib/log.ts'
import type { Outcome, RunResult } from '../../lib/outcome.ts'
import type { ResourceId } from '../../lib/state.ts'
import { states } from '../../states/index.ts'
import type { Pki } from './small-master.ts'

/** A host of a few words: what differs on it, and what has been done to it. */
export class WordHost {
  /** Resources that are not as they should be. */
  readonly off = new Set<ResourceId>()
  /** Runs that were made. */
  readonly runs: ('check' | 'apply')[] = []
  /** How often some were looked at, without a run. */
  looks = 0
  /** Waited for before a run goes on. */
  gate: Promise<void> = Promise.resolve()
  /** Each resource that is put right is written down here. */
  effects: string | null = null

  readonly check = (local: Local, only: ReadonlySet<ResourceId>): Promise<RunResult> => {
    this.looks += 1
    return this.#look('check', local, undefined, only)
  }

  /** Under the real lock of the real journal. */
  readonly openSession = (local: Local): Session => {
    const journal = openJournal(local.stateDir)
    return {
      check: (told, only) => this.#run('check', local, told, only),
      apply: (_reviewed, only) => this.#run('apply', local, local.tell, only),
      close: () => journal.finish(new Set()),
    }
  }

  async #run(
    mode: 'check' | 'apply',
    local: Local,
    tell?: Local['tell'],
    only?: ReadonlySet<ResourceId>,
  ): Promise<RunResult> {
    this.runs.push(mode)
    return this.#look(mode, local, tell, only)
  }

  async #look(
    mode: 'check' | 'apply',
    local: Local,
    tell: Local['tell'] = () => undefined,
    only?: ReadonlySet<ResourceId>,
  ): Promise<RunResult> {
    await Promise.race([this.gate, aborted(local.signal)])
    const resources = local.catalog.resources.filter(({ id }) => only?.has(id) ?? true)
    const outcomes = resources.map(({ id }, i): Outcome => {
      const outcome = this.#settle(mode, id, local)
      tell({ kind: 'outcome', outcome, done: i + 1, total: resources.length })
      return outcome
    })
    return { outcomes, owed: [], held: null, ms: 1 }
  }

  #settle(mode: 'check' | 'apply', id: ResourceId, { signal, paused }: Local): Outcome {
    if (signal.aborted) return { id, status: 'skipped', because: null }
    if (!this.off.has(id)) return { id, status: 'settled' }
    const work = { changes: [{ field: 'x', from: 1, to: 2 }], steps: [], with: null, previews: [] }
    const pause = paused?.get(id)
    const planned: Outcome = { id, status: 'planned', ...work, after: [], unknown: null }
    if (pause !== undefined) return { ...planned, paused: pause }
    if (mode === 'check') return planned
    this.off.delete(id)
    if (this.effects !== null) appendFileSync(this.effects, `${id}\n`)
    return { id, status: 'changed', ...work, ms: 0 }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** A catalog of some files, of which nothing but the names matters. */
export function catalogOf(ids: readonly ResourceId[], more: Partial<Catalog> = {}): Catalog {
  return {
    format: 1,
    host: 'h',
    site: { name: 'test', commit: null },
    resources: ids.map((id) => ({
      ...{
        id,
        type: id.slice(0, id.indexOf(':')),
        name: id.slice(id.indexOf(':') + 1),
        props: {},
        needs: [],
      },
      ...{ reactions: [], timeoutMs: null, onRemove: null, tags: [], origins: [] },
    })),
    omitted: [],
    checks: [],
    exports: {},
    blobs: {},
    secrets: {},
    ...more,
  } as Catalog
}

/** Seconds where the agent has minutes. */
export const QUICK: AgentTimes = {
  connectMs: 1000,
  callMs: 1000,
  keepaliveMs: 600,
  keepaliveTimeoutMs: 200,
  aliveMs: 300,
  sweepMs: 3_600_000,
  splayMs: 0,
}

export function partsOf(
  pki: Pki,
  address: string,
  host: WordHost,
  more: Partial<AgentParts> = {},
): AgentParts & { readonly lines: string[] } {
  const lines: string[] = []
  return {
    version: '1.2.3',
    bootId: 'boot',
    credentials: () => ({ ...pki.client, roots: pki.roots }),
    addresses: [address],
    states,
    check: host.check,
    openSession: host.openSession,
    readFacts: async () => ({ hostname: 'h' }) as Facts,
    openSecrets: (catalog, blobs, sealed) =>
      openSecrets(catalog, blobs, sealed, { identity: null, fingerprintKey: 'test' }),
    log: openLog(
      (line) => lines.push(line),
      () => '',
      'journald',
    ),
    times: QUICK,
    lines,
    ...more,
  }
}
