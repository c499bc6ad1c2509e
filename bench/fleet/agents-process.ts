import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CatalogCache } from '../../agent/catalog-cache.ts'
import { openCatalogNews } from '../../agent/catalog-news.ts'
import { pushFacts } from '../../agent/facts-push.ts'
import { type Calls, type Link, openLink } from '../../agent/link.ts'
import type { Catalog } from '../../lib/catalog.ts'
import { Failure } from '../../lib/failure.ts'
import { makeReport } from './fleet-report.ts'
import { factsOf } from './fleet-site.ts'
import type { Member } from './fleet-state.ts'

/** Some of the fleet's agents in one process: their link is the real one, their host is none. */

export type Load = 'reports' | 'unchanged' | 'catalogs' | 'known catalogs'

export type Asked =
  | {
      readonly do: 'open'
      readonly members: readonly Member[]
      readonly roots: string
      readonly address: string
      readonly dir: string
    }
  /** So many callers call one agent's method after the other, until it is time. */
  | { readonly do: 'load'; readonly load: Load; readonly callers: number; readonly until: number }
  /** So many of the agents find that they have become something else. */
  | { readonly do: 'facts'; readonly agents: number; readonly turn: number }

export type Told =
  | { readonly told: 'welcome'; readonly index: number; readonly at: number; readonly attempts: number }
  | { readonly told: 'catalog'; readonly index: number; readonly at: number; readonly bytes: number }
  | { readonly told: 'done'; readonly calls: number; readonly failed: number; readonly why: string }
  | { readonly told: 'failed'; readonly why: string }

// Numbers instead of names for a master are meant.
process.noDeprecation = true

const tell = (told: Told) => void process.send?.(told)

class SimulatedAgent {
  readonly #member: Member
  readonly #link: Link
  readonly #blobs = new Set<string>()
  readonly #facts
  #sha256 = ''
  #attempts = 0
  #turn = 0

  constructor(member: Member, { roots, address, dir }: Extract<Asked, { do: 'open' }>) {
    this.#member = member
    const { index, key, chain } = member
    const stateDir = join(dir, String(index))
    mkdirSync(stateDir)
    const calls = () => this.#link.calls
    const failed = ({ message }: Failure) => tell({ told: 'failed', why: message })
    const news = openCatalogNews({
      ...{ cache: this.#cache(), calls, chance: Math.random, changed: () => undefined, failed },
      refused: (_, why) => failed(why),
    })
    this.#facts = pushFacts({ read: async () => factsOf(index, this.#turn), calls, failed })
    this.#link = openLink(
      { addresses: [address], credentials: () => ({ key, chain, roots }), stateDir, atOnce: true },
      {
        hello: () => ({ version: '0.0.0', boot_id: 'x', catalog_sha256: this.#sha256, spooled_reports: 0 }),
        welcome: ({ catalog }) => {
          tell({ told: 'welcome', index, at: Date.now(), attempts: this.#attempts + 1 })
          this.#attempts = 0
          this.#facts.look()
          news.right(catalog?.sha256 ?? '')
        },
        heard: ({ catalog }) => catalog && news.right(catalog.sha256),
        away: () => {
          this.#attempts += 1
        },
      },
    )
  }

  become(turn: number): void {
    this.#turn = turn
    this.#facts.look()
  }

  async call(load: Load): Promise<void> {
    const { calls } = this.#link
    if (calls === null) throw new Failure('unavailable', 'the master is away')
    if (load === 'catalogs') await calls.catalog('')
    else if (load === 'known catalogs') await calls.catalog(this.#sha256)
    else {
      const { head, body } = makeReport(load === 'reports', this.#sha256)
      await calls.putReport(head, body)
    }
  }

  /** In memory: the disks of two thousand hosts are not this machine's one. */
  #cache(): CatalogCache {
    const sha256 = () => this.#sha256
    return {
      held: () => null,
      get sha256() {
        return sha256()
      },
      damaged: false,
      verify: async () => undefined,
      fetch: (from) => this.#fetch(from),
      tidy: () => undefined,
    }
  }

  async #fetch(from: Pick<Calls, 'catalog' | 'blob'>): Promise<'same' | 'new' | 'none'> {
    const received = await from.catalog(this.#sha256)
    if (received === null) return 'none'
    const { head, bytes } = received
    if (bytes === null) return 'same'
    const { blobs } = JSON.parse(bytes.toString()) as Catalog
    let length = bytes.length
    for (const digest of Object.keys(blobs)) {
      if (this.#blobs.has(digest)) continue
      const sum = createHash('sha256')
      for await (const piece of from.blob(digest, 0)) {
        sum.update(piece)
        length += piece.length
      }
      if (sum.digest('hex') !== digest) throw new Failure('unavailable', 'content did not come whole')
      this.#blobs.add(digest)
    }
    this.#sha256 = head.sha256
    tell({ told: 'catalog', index: this.#member.index, at: Date.now(), bytes: length })
    return 'new'
  }
}

const agents: SimulatedAgent[] = []

async function load({ load, callers, until }: Extract<Asked, { do: 'load' }>): Promise<void> {
  let [next, calls, failed, why] = [0, 0, 0, '']
  const caller = async () => {
    while (Date.now() < until) {
      const agent = agents[next++ % agents.length]
      try {
        await agent?.call(load)
        calls += 1
      } catch (error) {
        failed += 1
        why = (error as Error).message
      }
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  tell({ told: 'done', calls, failed, why })
}

process.on('message', (asked: Asked) => {
  if (asked.do === 'open') for (const member of asked.members) agents.push(new SimulatedAgent(member, asked))
  else if (asked.do === 'facts') for (const agent of agents.slice(0, asked.agents)) agent.become(asked.turn)
  else void load(asked)
})
// Whoever asked is gone.
process.on('disconnect', () => process.exit(0))
