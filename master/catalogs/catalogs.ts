import type { Facts } from '../compile/compile.ts'
import type { CompiledHost, DeclaredHost, SiteOverview } from '../compile/compile-worker.ts'
import type { CompilePool } from '../compile/pool.ts'
import type { Source, SourcesQuestion } from '../compile/sources.ts'
import {
  type CatalogStore,
  emptyRow,
  type HostCatalog,
  NOT_DECLARED,
  problemText,
  rowOf,
  sameRow,
} from './host-catalog.ts'
import { RemovalBound } from './removals.ts'
import { Unkept } from './unkept.ts'
import { causesOf, changedFacts, type Moved, type Volatile, Volatility } from './volatility.ts'

/** One state of the site that was looked at. */
export type Revision = { readonly dir: string; readonly commit: string | null }

export type RevisionVerdict = Revision & {
  readonly good: boolean
  readonly problems: readonly string[]
}

export interface Catalogs {
  current(host: string): HostCatalog | null
  /** The site in use; `null` before there is a good one. */
  site(): SiteOverview | null
  declared(host: string): DeclaredHost | null
  /** Looks at a revision: when it reads without errors it is the site from now on, and hosts are compiled. */
  siteChanged(revision: Revision): Promise<RevisionVerdict>
  factsChanged(host: string, facts: Facts): Promise<void>
  assignmentsChanged(host: string, roles: readonly string[]): Promise<void>
  /** What declarations of a resource are made of, by the site in use. */
  sources(question: SourcesQuestion): Promise<readonly Source[]>
  /** Hosts whose catalogs change because of facts alone. */
  volatile(): readonly Volatile[]
  /** What the last look at a revision came to. */
  lastVerdict(): RevisionVerdict | null
  close(): Promise<void>
}

export type CatalogsSetting = {
  readonly openPool: () => CompilePool
  readonly store: CatalogStore
  /** What is known already: facts and assigned roles by host. */
  readonly facts: ReadonlyMap<string, Facts>
  readonly assigned: ReadonlyMap<string, readonly string[]>
  /** Is told of each host whose catalog is another one. */
  readonly changed: (host: string) => void
  readonly now: () => number
  /** Is told of faults that are not the site's. */
  readonly fault: (error: unknown) => void
}

export async function openCatalogs(setting: CatalogsSetting): Promise<Catalogs> {
  const catalogs = new LiveCatalogs(setting, await setting.store.all())
  await catalogs.start()
  return catalogs
}

class LiveCatalogs implements Catalogs {
  readonly #setting: CatalogsSetting
  readonly #rows: Map<string, HostCatalog>
  readonly #facts: Map<string, Facts>
  readonly #assigned: Map<string, readonly string[]>
  readonly #fleetReaders = new Set<string>()
  readonly #bound
  readonly #unkept = new Unkept()
  #pool: CompilePool
  #site: SiteOverview | null = null
  #declared = new Map<string, DeclaredHost>()
  #revision: Revision | null = null
  #verdict: RevisionVerdict | null = null
  #last: Promise<unknown> = Promise.resolve()
  /** Hosts with other facts that no compile has taken up yet, with those that one has, and the one that will. */
  readonly #retold = new Map<string, Facts | undefined>()
  #retelling: Promise<void> | null = null
  readonly #volatility = new Volatility()

  constructor(setting: CatalogsSetting, rows: readonly HostCatalog[]) {
    this.#setting = setting
    this.#rows = new Map(rows.map((row) => [row.host, row]))
    this.#facts = new Map(setting.facts)
    this.#assigned = new Map(setting.assigned)
    this.#bound = new RemovalBound((sha256) => setting.store.bytes(sha256))
    this.#pool = setting.openPool()
  }

  async start(): Promise<void> {
    await this.#pool.learn({ facts: [...this.#facts], assigned: [...this.#assigned] })
  }

  current(host: string): HostCatalog | null {
    return this.#rows.get(host) ?? null
  }

  site(): SiteOverview | null {
    return this.#site
  }

  declared(host: string): DeclaredHost | null {
    return this.#declared.get(host) ?? null
  }

  volatile(): readonly Volatile[] {
    return this.#volatility.list(this.#setting.now())
  }

  lastVerdict(): RevisionVerdict | null {
    return this.#verdict
  }

  sources(question: SourcesQuestion): Promise<readonly Source[]> {
    return this.#pool.sources(question)
  }

  siteChanged(revision: Revision): Promise<RevisionVerdict> {
    return this.#inTurn(async () => {
      const overview = await this.#pool.read(revision.dir)
      const errors = overview.diagnostics.filter(({ severity }) => severity === 'error')
      this.#verdict = { ...revision, good: errors.length === 0, problems: errors.map(problemText) }
      if (errors.length > 0) return this.#verdict
      await this.#pool.adopt()
      this.#site = overview
      this.#declared = new Map(overview.hosts.map((host) => [host.name, host]))
      this.#revision = revision
      this.#fleetReaders.clear()
      await this.#compileAll(overview.hosts.map(({ name }) => name))
      await this.#orphan()
      return this.#verdict
    })
  }

  factsChanged(host: string, facts: Facts): Promise<void> {
    if (!this.#retold.has(host)) this.#retold.set(host, this.#facts.get(host))
    this.#facts.set(host, facts)
    // A kernel's update changes thousands within minutes: all that come while others are compiled go together.
    this.#retelling ??= this.#retell()
    return this.#retelling
  }

  #retell(): Promise<void> {
    let retold: ReadonlyMap<string, Facts | undefined> | null = null
    return this.#inTurn(async () => {
      // What is done again after a fault is done for the same hosts.
      retold ??= new Map(this.#retold)
      const hosts = [...retold.keys()]
      for (const host of hosts) this.#retold.delete(host)
      this.#retelling = null
      const facts = hosts.map((host) => [host, this.#facts.get(host) ?? {}] as const)
      await this.#pool.learn({ facts, assigned: [] })
      await this.#compileAll([...hosts, ...this.#fleetReaders], this.#movedIn(retold))
    })
  }

  /** What is another one than the last compile had; the first facts of a host are no change. */
  #movedIn(retold: ReadonlyMap<string, Facts | undefined>): Moved {
    return new Map(
      [...retold].flatMap(([host, before]) =>
        before === undefined ? [] : [[host, changedFacts(before, this.#facts.get(host) ?? {})] as const],
      ),
    )
  }

  assignmentsChanged(host: string, roles: readonly string[]): Promise<void> {
    this.#assigned.set(host, roles)
    return this.#inTurn(async () => {
      await this.#pool.learn({ facts: [], assigned: [[host, roles]] })
      await this.#compileAll([host, ...this.#fleetReaders])
    })
  }

  async close(): Promise<void> {
    await this.#pool.close()
    await this.#last.catch(() => undefined)
  }

  /** One thing after the other. A worker that fails costs one new start, and the work is done again. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work).catch(async (error: unknown) => {
      this.#setting.fault(error)
      await this.#restart()
      return work()
    })
    this.#last = done.catch(() => undefined)
    return done
  }

  async #restart(): Promise<void> {
    await this.#pool.close()
    this.#pool = this.#setting.openPool()
    await this.start()
    if (this.#revision === null) return
    await this.#pool.read(this.#revision.dir)
    await this.#pool.adopt()
  }

  /** Hosts whose facts are not known wait for them: much of what they are to be depends on what they are. */
  async #compileAll(hosts: readonly string[], moved: Moved | null = null): Promise<void> {
    const due = [...new Set(hosts)].filter((host) => this.#declared.has(host) && this.#facts.has(host))
    const commit = this.#revision?.commit ?? null
    const same = (await Promise.all(due.map((host) => this.#compile(host, commit, moved)))).filter(
      (row) => row !== null,
    )
    if (same.length === 0) return
    // A commit leaves most hosts as they are, which is written down at once for all of them.
    await this.#setting.store.confirm(
      same.map(({ host }) => host),
      commit,
    )
    for (const row of same) this.#rows.set(row.host, row)
  }

  /** Returns the host's row when nothing of it is new but its commit. */
  async #compile(host: string, commit: string | null, moved: Moved | null): Promise<HostCatalog | null> {
    const before = this.#rows.get(host) ?? emptyRow(host)
    const compiled = await this.#pool.compile(host, before.problem === null ? before.inputs : null)
    if (compiled.seesFleet) this.#fleetReaders.add(host)
    else this.#fleetReaders.delete(host)
    const refused = await this.#bound.refused(before, compiled.made)
    const row = refused === null ? rowOf(before, compiled, commit) : { ...before, problem: refused }
    const made = refused === null ? compiled.made : null
    const blobs = this.#unkept.blobsFor(compiled, made)
    if (sameRow(row, before)) return null
    if (compiled.made === null && compiled.errors.length === 0) return row
    await this.#setting.store.put(row, made && { bytes: Buffer.from(made.bytes), blobs })
    this.#unkept.forget(blobs.keys())
    this.#rows.set(host, row)
    if (made !== null) this.#bound.note(host, made.removals)
    if (row.sha256 === before.sha256) return null
    this.#setting.changed(host)
    if (before.sha256 !== null && made !== null) this.#count(host, compiled, made.bytes, moved)
    return null
  }

  /** A host has another catalog: since its site or its roles changed (`moved` is null), or since facts did. */
  #count(host: string, compiled: CompiledHost, bytes: Uint8Array, moved: Moved | null): void {
    const at = this.#setting.now()
    if (moved === null) this.#volatility.forget(host)
    else this.#volatility.note(host, { at, facts: causesOf(host, compiled, moved), bytes })
  }

  /** A host that the site no longer declares keeps what it has, and it is said. */
  async #orphan(): Promise<void> {
    for (const row of this.#rows.values()) {
      if (this.#declared.has(row.host) || row.problem === NOT_DECLARED) continue
      const orphan = { ...row, problem: NOT_DECLARED }
      await this.#setting.store.put(orphan, null)
      this.#rows.set(row.host, orphan)
    }
  }
}
