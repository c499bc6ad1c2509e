import { parentPort, workerData } from 'node:worker_threads'
import type { Catalog } from '../../lib/catalog.ts'
import { sha256 } from '../../lib/sha256.ts'
import { states } from '../../states/index.ts'
import { type Removals, removalsOf } from '../catalogs/removals.ts'
import type { Diagnostic } from '../site/diagnostics.ts'
import { Diagnostics } from '../site/diagnostics.ts'
import { type ReadOptions, readSite, type Site } from '../site/read.ts'
import { closure } from './closure.ts'
import { type CompileOptions, compile, type Facts } from './compile.ts'
import { inputsOf } from './inputs.ts'
import { readsOf } from './reads.ts'
import { type Source, type SourcesQuestion, sourcesOf } from './sources.ts'

/** Compiles off the event loop of a master: one task after the other, in the order in which they come. */

export type WorkerSetting = ReadOptions & { readonly version: string }

export type Task =
  /** Reads a site, beside the one in use. */
  | { readonly do: 'read'; readonly dir: string }
  /** Uses the site that was read last. */
  | { readonly do: 'adopt' }
  /** What is new of hosts; a host whose facts are not known has none. */
  | {
      readonly do: 'learn'
      readonly facts: readonly (readonly [string, Facts])[]
      readonly assigned: readonly (readonly [string, readonly string[]])[]
    }
  /** Compiles a host, unless its inputs are still those. */
  | { readonly do: 'compile'; readonly host: string; readonly inputs: string | null }
  /** Says what declarations of a host's resource are made of. */
  | ({ readonly do: 'sources' } & SourcesQuestion)

export type DeclaredHost = {
  readonly name: string
  readonly environment: string
  readonly groups: readonly string[]
  readonly address: string | null
  /** Each with its place, such as `hosts.yaml:3`. */
  readonly roles: readonly { readonly role: string; readonly origin: string }[]
}

/** What a site says apart from what its hosts should be. */
export type SiteOverview = {
  readonly name: string
  readonly assignments: 'master' | 'site-only'
  readonly hosts: readonly DeclaredHost[]
  /** Names of all roles, shipped ones too. */
  readonly roles: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

export type CompiledHost = {
  readonly inputs: string
  /** Its roles look at other hosts. */
  readonly seesFleet: boolean
  /** Paths of facts that they may read; the empty one stands for all. */
  readonly facts: readonly string[]
  /** `null`: the inputs are the known ones, or there are errors. */
  readonly made: {
    readonly sha256: string
    readonly bytes: Uint8Array
    readonly blobs: readonly string[]
    readonly removals: Removals
  } | null
  /** Those of `made.blobs` that this worker has not handed out before. */
  readonly fresh: readonly (readonly [string, Uint8Array])[]
  readonly errors: readonly Diagnostic[]
}

export type Answer =
  | { readonly ok: true; readonly value: SiteOverview | CompiledHost | readonly Source[] | null }
  /** A bug: mistakes of a site are values. */
  | { readonly ok: false; readonly error: string }

const { version, ...readOptions } = workerData as WorkerSetting
const facts = new Map<string, Facts>()
const assigned = new Map<string, readonly string[]>()
const handedOut = new Set<string>()
let candidate: Site | null = null
let site: Site | null = null
let options = freshOptions()

/** Another object each time: what was computed of the fleet under an older one is not used again. */
function freshOptions(): CompileOptions {
  return { states, assigned: new Map(assigned), factsOf: (host) => facts.get(host) ?? null }
}

async function perform(task: Task): Promise<Extract<Answer, { ok: true }>['value']> {
  switch (task.do) {
    case 'read': {
      const reading = await readSite(task.dir, readOptions)
      candidate = reading.site
      return overviewOf(reading.site, reading.diagnostics)
    }
    case 'adopt':
      site = candidate
      return null
    case 'learn':
      for (const [host, known] of task.facts) facts.set(host, known)
      for (const [host, roles] of task.assigned) assigned.set(host, roles)
      options = freshOptions()
      return null
    case 'compile':
      return compileHost(task.host, task.inputs)
    case 'sources':
      return site === null ? [] : sourcesOf(site, task)
  }
}

function overviewOf(read: Site, diagnostics: readonly Diagnostic[]): SiteOverview {
  const hosts = [...read.hosts.values()].map(({ name, environment, groups, address, roles }) => ({
    name,
    environment,
    groups,
    address,
    roles: roles.map(({ name: role, place }) => ({ role, origin: `${place.file}:${place.line}` })),
  }))
  const { name, assignments } = read.settings
  return { name, assignments, hosts, roles: [...read.roles.keys()], diagnostics }
}

async function compileHost(name: string, known: string | null): Promise<CompiledHost> {
  const host = site?.hosts.get(name)
  if (site === null || host === undefined) throw new Error(`no site with a host ${name}`)
  const own = facts.get(name) ?? {}
  const inputs = await inputsOf(site, host, own, options, version)
  const named = [
    ...host.roles,
    ...(assigned.get(name) ?? []).map((role) => ({ name: role, place: host.place })),
  ]
  const reads = closure(named, site.roles, new Diagnostics()).map(readsOf)
  const seesFleet = reads.some(({ fleet }) => fleet)
  const read = [...new Set(reads.flatMap((one) => [...one.facts]))]
  if (inputs === known) return { inputs, seesFleet, facts: read, made: null, fresh: [], errors: [] }
  const { catalog, blobs, diagnostics } = await compile(site, name, own, options)
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (catalog === null) return { inputs, seesFleet, facts: read, made: null, fresh: [], errors }
  const bytes = Buffer.from(JSON.stringify(catalog))
  const bodies = new Map([...blobs, ...armorsOf(catalog, site)])
  const names = [...Object.keys(catalog.blobs), ...Object.values(catalog.secrets)]
  const fresh = names.filter((one) => !handedOut.has(one)).map((one) => [one, bytesOf(bodies, one)] as const)
  for (const [one] of fresh) handedOut.add(one)
  const made = { sha256: sha256(bytes), bytes, blobs: names, removals: removalsOf(catalog) }
  return { inputs, seesFleet, facts: read, made, fresh, errors }
}

/** Secrets as the site has them, by version: kept with the catalog, so that a host can be sent them at any time. */
function armorsOf(catalog: Catalog, { secrets }: Site): [string, Buffer][] {
  return Object.entries(catalog.secrets).map(([name, version]) => [
    version,
    Buffer.from(secrets.get(name)?.armor ?? ''),
  ])
}

function bytesOf(blobs: ReadonlyMap<string, Buffer>, name: string): Buffer {
  const bytes = blobs.get(name)
  if (bytes === undefined) throw new Error(`the catalog names the blob ${name}, which was not made`)
  return bytes
}

let last: Promise<unknown> = Promise.resolve()

parentPort?.on('message', ({ id, task }: { id: number; task: Task }) => {
  const answer = (value: Answer) => parentPort?.postMessage({ id, answer: value })
  last = last
    .then(() => perform(task))
    .then(
      (value) => answer({ ok: true, value }),
      (thrown: unknown) => answer({ ok: false, error: String((thrown as Error).stack ?? thrown) }),
    )
})
