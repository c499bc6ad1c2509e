import type { Facts } from '../compile/compile.ts'
import type { CompiledHost, DeclaredHost, SiteOverview } from '../compile/compile-worker.ts'
import type { CompilePool } from '../compile/pool.ts'
import type { Source, SourcesQuestion } from '../compile/sources.ts'
import type { Diagnostic } from '../site/diagnostics.ts'
import { removalProblem, removalsOf } from './removals.ts'
import { changedFacts, isRead, type Volatile, Volatility } from './volatility.ts'

/** What a host should have now, and what is known of why it has nothing newer. */
export type HostCatalog = {
  readonly host: string
  /** `null`: none was ever made. */
  readonly sha256: string | null
  /** Of the site, when it was last found to be right; `null` for a folder without git. */
  readonly commit: string | null
  /** Of what it was compiled from; see master/compile/inputs.ts. */
  readonly inputs: string | null
  readonly blobs: readonly string[]
  /** Why the newest site or facts gave no catalog. The last good one stays. */
  readonly problem: string | null
}

/** What catalogs are kept in. */
export interface CatalogStore {
  all(): Promise<readonly HostCatalog[]>
  /** Keeps the row, and with it the bytes of a new catalog and of blobs that are not kept yet; all or nothing. */
  put(row: HostCatalog, made: { bytes: Buffer; blobs: ReadonlyMap<string, Buffer> } | null): Promise<void>
  /** Of a catalog; `null`: they are not kept. */
  bytes(sha256: string): Promise<Buffer | null>
  /** What these hosts have is right for this commit too. */
  confirm(hosts: readonly string[], commit: string | null): Promise<void>
}

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
  /** Ids of what each host's catalog declares, as far as they were needed. */
  readonly #ids = new Map<string, Uint32Array>()
  /** Content of catalogs that were refused. */
  readonly #unkept = new Map<string, Buffer>()
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
    const refused = await this.#refused(before, compiled)
    const row = refused === null ? rowOf(before, compiled, commit) : { ...before, problem: refused }
    const made = refused === null ? compiled.made : null
    const blobs = this.#blobsFor(compiled, made)
    if (sameRow(row, before)) return null
    if (compiled.made === null && compiled.errors.length === 0) return row
    await this.#setting.store.put(row, made && { bytes: Buffer.from(made.bytes), blobs })
    for (const one of blobs.keys()) this.#unkept.delete(one)
    this.#rows.set(host, row)
    if (made !== null) this.#ids.set(host, made.removals.ids)
    if (row.sha256 === before.sha256) return null
    this.#setting.changed(host)
    if (before.sha256 !== null && made !== null) this.#count(host, compiled, made.bytes, moved)
    return null
  }

  /** Content for the store. A worker hands each out once: that of a catalog that was refused is for a later one. */
  #blobsFor({ fresh }: CompiledHost, made: CompiledHost['made']): Map<string, Buffer> {
    const bodies = fresh.map(([sha256, bytes]) => [sha256, Buffer.from(bytes)] as const)
    if (made === null) {
      for (const [sha256, bytes] of bodies) this.#unkept.set(sha256, bytes)
      return new Map()
    }
    return new Map([...made.blobs.flatMap((one) => this.#handOver(one)), ...bodies])
  }

  #handOver(sha256: string): [string, Buffer][] {
    const bytes = this.#unkept.get(sha256)
    return bytes === undefined ? [] : [[sha256, bytes]]
  }

  /** Why the catalog that was made does not take the place of the one before. */
  async #refused({ host, sha256 }: HostCatalog, { made }: CompiledHost): Promise<string | null> {
    if (made === null || sha256 === null || made.sha256 === sha256) return null
    const known = this.#ids.get(host) ?? (await this.#idsOf(host, sha256))
    return known && removalProblem(known, made.removals)
  }

  /** What was made before this master was started is read once. */
  async #idsOf(host: string, sha256: string): Promise<Uint32Array | null> {
    const bytes = await this.#setting.store.bytes(sha256)
    if (bytes === null) return null
    const { ids } = removalsOf(JSON.parse(bytes.toString()))
    this.#ids.set(host, ids)
    return ids
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

/** Facts that changed, by host. */
type Moved = ReadonlyMap<string, readonly string[]>

/** What a host's catalog was made anew for: its own facts, or what it sees of others. */
function causesOf(host: string, { facts, seesFleet }: CompiledHost, moved: Moved): string[] {
  const own = (moved.get(host) ?? []).filter((path) => isRead(path, facts)).map((path) => `facts.${path}`)
  if (own.length > 0 || !seesFleet) return own
  return [...moved].flatMap(([other, paths]) => paths.map((path) => `facts.${path} of ${other}`))
}

const NOT_DECLARED = 'the site declares this host no more; it keeps its last catalog'

const emptyRow = (host: string): HostCatalog => ({
  host,
  sha256: null,
  commit: null,
  inputs: null,
  blobs: [],
  problem: null,
})

function rowOf(
  before: HostCatalog,
  { inputs, made, errors }: CompiledHost,
  commit: string | null,
): HostCatalog {
  if (errors.length > 0) return { ...before, problem: errors.map(problemText).join('\n') }
  if (made === null) return { ...before, commit }
  const { sha256, blobs } = made
  return { host: before.host, sha256, commit, inputs, blobs, problem: null }
}

const sameRow = (one: HostCatalog, other: HostCatalog) =>
  one.sha256 === other.sha256 &&
  one.commit === other.commit &&
  one.inputs === other.inputs &&
  one.problem === other.problem

const problemText = ({ file, line, column, code, message }: Diagnostic) =>
  `${file}:${line}:${column} ${code} ${message}`
