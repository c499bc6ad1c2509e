import type { Catalog, Resource } from '../lib/catalog.ts'
import type { Outcome } from '../lib/outcome.ts'
import { isReaction } from '../lib/plan.ts'
import type { PathImage, PreImage } from '../lib/pre-image.ts'
import { Secret } from '../lib/secret.ts'
import type { AnyState, Fields, ResourceId } from '../lib/state.ts'
import type { Step } from '../lib/step.ts'
import type { LiveHost } from './host.ts'
import { type Leaving, leavingOf, ownerOf } from './leaving.ts'
import { type Declaration, type Entry, nameOf, secretPathsOf } from './ledger-entry.ts'
import { contentFolder, LedgerFile } from './ledger-file.ts'
import type { Due } from './pass.ts'
import { firstImages, type Imaging, keptContent, laterImages } from './pre-image.ts'
import { reactorsOf } from './reactions.ts'
import { type Found, openUndoLog, type UndoLog } from './undo-log.ts'

/** What drover made or changed on a host: it removes nothing else. Who opens it has the run lock. */
export interface Ledger {
  /** Remembers what is about to be changed, and what is there now if this is the first time. On disk when it returns. */
  own(due: readonly Due[], steps: readonly Step[]): Promise<void>
  /** A resource that could not be changed is not drover's, if this run was the first to try. */
  unchanged(id: ResourceId): void
  /** What no role declares any more, of what drover made or changed. */
  leaving(): Leaving
  /** It was taken back, or stays as it is: it is drover's no more. */
  release(id: ResourceId): void
  /** Takes over who claims what, and with which props it was applied. On disk when it returns. */
  settle(outcomes: readonly Outcome[]): void
  close(): void
}

export type LedgerParts = {
  readonly host: LiveHost
  readonly states: ReadonlyMap<string, AnyState>
  readonly catalog: Catalog
  /** What this run changes can be undone by this name; left out: it can't. */
  readonly runId?: string | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export const openLedger = (stateDir: string, parts: LedgerParts): Ledger => new HostLedger(stateDir, parts)

class HostLedger implements Ledger {
  readonly #file: LedgerFile
  /** Owned since this run. */
  readonly #fresh = new Set<ResourceId>()
  /** What is to be forgotten: it could not be changed, or is drover's no more. */
  readonly #dropped = new Set<ResourceId>()
  readonly #declared: ReadonlyMap<ResourceId, Resource>
  readonly #reactors: ReturnType<typeof reactorsOf>
  readonly #owner: string
  /** How it was before drover at the paths of what leaves: who takes its place has it from there. */
  readonly #former = new Map<string, PathImage>()
  /** Paths at which there may be a secret that drover has put there. */
  readonly #secretPaths = new Set<string>()
  readonly #imaging: Imaging
  readonly #content: string
  readonly #undo: UndoLog | null
  readonly #states: LedgerParts['states']
  readonly #catalog: Catalog
  readonly #now: () => number

  constructor(stateDir: string, { host, states, catalog, runId, now }: LedgerParts) {
    this.#states = states
    this.#catalog = catalog
    this.#declared = new Map(catalog.resources.map((resource) => [resource.id, resource]))
    this.#reactors = reactorsOf(catalog.resources)
    this.#owner = ownerOf(catalog)
    this.#now = now
    this.#content = contentFolder(stateDir)
    this.#imaging = {
      host,
      content: keptContent(this.#content),
      isSecret: (path) => this.#secretPaths.has(path),
    }
    this.#undo = runId === undefined ? null : openUndoLog(stateDir, runId)
    this.#file = new LedgerFile(stateDir)
    for (const { secretPaths } of this.#file.known.values()) this.#mayHoldSecrets(secretPaths)
  }

  async own(due: readonly Due[], steps: readonly Step[]): Promise<void> {
    // Steps that several share are those of packages, which have no paths.
    const own = due.length === 1 ? steps : []
    const entries: Entry[] = []
    for (const one of due) {
      if (one.changes.every(isReaction)) continue
      const entry = await this.#take(one, own)
      if (entry === null) continue
      this.#mayHoldSecrets(secretPathsOf(entry))
      entries.push(entry)
    }
    this.#file.add(entries)
  }

  unchanged(id: ResourceId): void {
    // Where the disk was full, it is not even there.
    if (this.#fresh.delete(id) && this.#file.has(id)) this.#dropped.add(id)
  }

  leaving(): Leaving {
    const ids = [...this.#file.known.keys()].filter((id) => !this.#declared.has(id))
    const entries = ids.map((id) => this.#file.get(id)).filter((entry) => entry !== null)
    for (const { before } of entries) for (const image of before.paths) this.#former.set(image.path, image)
    return leavingOf(entries, this.#catalog)
  }

  release(id: ResourceId): void {
    this.#dropped.add(id)
  }

  settle(outcomes: readonly Outcome[]): void {
    const declared = this.#declared
    const isApplied = ({ status }: Outcome) => status === 'settled' || status === 'changed'
    const applied = new Set(outcomes.filter(isApplied).map(({ id }) => id))
    const change = (entry: Entry) => this.#after(entry, declared.get(entry.id), applied.has(entry.id))
    if (this.#file.isUntidy || this.#dropped.size > 0 || this.#differs(declared, change))
      this.#rewrite(change)
  }

  close(): void {
    this.#file.close()
    this.#undo?.close(this.#now())
  }

  /** Reads the entries only of what is declared in another way than before. */
  #differs(declared: ReadonlyMap<ResourceId, Resource>, change: (entry: Entry) => Entry | null): boolean {
    for (const [id, known] of this.#file.known) {
      const resource = declared.get(id)
      if (known.left !== (resource === undefined)) return true
      if (resource === undefined || nameOf(this.#declaration(resource)) === known.declared) continue
      const entry = this.#file.get(id)
      const next = entry && change(entry)
      if (next === null || nameOf(next) !== known.declared) return true
    }
    return false
  }

  /** An entry after a run; of a resource that failed, the props are those with which it was last applied. */
  #after(entry: Entry, resource: Resource | undefined, isApplied: boolean): Entry | null {
    if (this.#dropped.has(entry.id)) return null
    if (resource === undefined) return { ...entry, leftAt: entry.leftAt ?? this.#now() }
    const next = this.#declaration(resource)
    return { ...entry, ...next, ...(!isApplied && { props: entry.props }), leftAt: null }
  }

  #rewrite(change: (entry: Entry) => Entry | null): void {
    const named = new Set<string>()
    this.#file.rewrite((entry) => {
      const next = change(entry)
      for (const { sha256 } of next?.before.paths ?? []) if (sha256 !== null) named.add(sha256)
      return next
    })
    this.#imaging.content.tidy(named)
  }

  #mayHoldSecrets(paths: readonly string[]): void {
    for (const path of paths) this.#secretPaths.add(path)
  }

  /** Notes what a run finds. What the ledger is to remember of it; `null`: nothing, or nothing more. */
  async #take(one: Due, steps: readonly Step[]): Promise<Entry | null> {
    const { id } = one.resource
    // Before its content is read: what is there may be an older secret of drover's own.
    if (this.#holdsSecret(one.resource))
      for (const step of steps) if ('path' in step) this.#secretPaths.add(step.path)
    const isDeclared = this.#declared.has(id)
    const isFirst = isDeclared && !this.#file.has(id)
    const images = isFirst ? await firstImages(steps, this.#imaging) : null
    await this.#undo?.note(() => this.#found(one, steps, images))
    // What is taken back is as it was before drover when that is done.
    if (!isDeclared) return null
    if (images === null) return this.#again(one, steps)
    this.#fresh.add(id)
    return this.#first(one, images)
  }

  /** What a resource is now; `images`: of what the ledger keeps the first time. */
  async #found(
    { resource, current }: Due,
    steps: readonly Step[],
    images: Pick<PreImage, 'paths' | 'cut'> | null,
  ): Promise<Found> {
    const { content } = this.#undo as UndoLog
    const { paths, cut } = images ?? (await firstImages(steps, { ...this.#imaging, content }))
    if (images !== null)
      for (const { sha256 } of paths) if (sha256 !== null) content.adopt(sha256, this.#content)
    const { claims, onRemove, needs, reactors, props } = this.#declaration(resource)
    const holdsSecret = this.#holdsSecret(resource)
    const fields = briefly(current, holdsSecret)
    const id: ResourceId = `${resource.type}:${resource.name}`
    return { id, claims, onRemove, needs, reactors, props, holdsSecret, before: { fields, paths, cut } }
  }

  /** It holds a secret, or did when it was last declared. */
  #holdsSecret({ id, secrets }: Resource): boolean {
    return secrets !== undefined || (this.#file.has(id) && this.#file.get(id)?.holdsSecret === true)
  }

  #first({ resource, current }: Due, { paths, cut }: Pick<PreImage, 'paths' | 'cut'>): Entry {
    const declaration = this.#declaration(resource)
    const fields = briefly(current, declaration.holdsSecret)
    const first = paths.map((image) => this.#former.get(image.path) ?? image)
    const since = this.#now()
    return { id: resource.id, since, leftAt: null, ...declaration, before: { fields, paths: first, cut } }
  }

  /** `null`: all that is needed is known. */
  async #again({ resource: { id } }: Due, steps: readonly Step[]): Promise<Entry | null> {
    const entry = this.#file.get(id)
    const images = entry && (await laterImages(steps, entry.before, this.#imaging))
    return images && { ...entry, before: { ...entry.before, ...images } }
  }

  #declaration(resource: Resource): Declaration {
    const { id, type, origins, onRemove, needs, secrets } = resource
    const claims = origins.map(({ role, file, line }) => ({ role, place: `${file}:${line}` }))
    const holdsSecret = secrets !== undefined
    const reactors = (this.#reactors.get(id) ?? []).map((one) => ({
      id: one.id,
      reaction: one.trigger.reaction,
    }))
    const props = shown(resource, this.#states.get(type))
    return { owner: this.#owner, claims, onRemove, needs, reactors, holdsSecret, props }
  }
}

/** Props without a secret in them. Who can guess what holds one would know it by its digest. */
function shown({ props, secrets }: Resource, state: AnyState | undefined): Record<string, unknown> {
  const digests = Object.keys(state?.sensitive ?? {}).flatMap((prop) =>
    typeof props[prop] === 'string' ? [[prop, new Secret(props[prop])]] : [],
  )
  const rest: Record<string, unknown> = { ...props, ...Object.fromEntries(digests) }
  if (secrets !== undefined) delete rest.sha256
  return rest
}

// A reading may hold the text of a whole file, which is kept as content.
const MAX_FIELD_CHARACTERS = 4096

/** A reading as it is remembered. */
function briefly(current: Fields | null, holdsSecret: boolean): Fields | null {
  const isKept = ([field, value]: [string, unknown]) =>
    !(holdsSecret && field === 'sha256') && JSON.stringify(value).length <= MAX_FIELD_CHARACTERS
  return current && (Object.fromEntries(Object.entries(current).filter(isKept)) as Fields)
}
