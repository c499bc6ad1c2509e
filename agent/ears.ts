import { type FSWatcher, readdirSync, readFileSync, watch } from 'node:fs'
import { DEAF_MS, MAX_EVENTS_PER_SECOND, MAX_WATCHED_DIRECTORIES } from '../lib/limits.ts'
import type { ResourceId } from '../lib/state.ts'
import { type Places, UNIT_DIR } from './places.ts'

/** Listens to directories, never to files: those are replaced by others of the same name. */
export interface Ears {
  count(): { readonly directories: number; readonly deaf: number }
  close(): void
}

/** A name in a directory that is listened to. There are as many as a catalog has files, so it is kept small. */
type Node = {
  readonly parent: Node | null
  readonly name: string
  ids: readonly ResourceId[]
  /** Hear of all that comes and goes in it. */
  inside: readonly ResourceId[]
  /** What is below it; `null`: it need not be a directory. */
  children: Map<string, Node> | null
  ear: Ear | null
}

/** `watcher` is `null` where a directory is there and can't be listened to. */
type Ear = {
  readonly watcher: FSWatcher | null
  /** Events of the second that began then. */
  events: number
  secondAt: number
}

/** What systemd reads to know that a unit is enabled. */
const ENABLING = /\.(wants|requires)$/

/**
 * Listens from when it returns to each directory that holds a place, and to all above it, so that one that is made,
 * moved away or replaced is followed. All share the one inotify instance of Node's loop.
 */
export function openEars(places: Places, heard: (ids: Iterable<ResourceId>) => void): Ears {
  return new Tree(places, heard)
}

class Tree implements Ears {
  readonly #root = nodeOf(null, '')
  readonly #units: Places['units']
  readonly #heard: (ids: Iterable<ResourceId>) => void
  /** Those that may be another directory by now, or none. */
  readonly #moved = new Set<Node>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #turn: NodeJS.Immediate | null = null
  readonly #flood = floodOf()
  /** Events of this turn of the loop, in which all is told that the kernel has queued. */
  #burst = 0
  #directories = 0
  #deaf = 0

  constructor({ paths, inside, units }: Places, heard: (ids: Iterable<ResourceId>) => void) {
    this.#units = units
    this.#heard = heard
    for (const [path, ids] of paths) this.#at(path).ids = ids
    for (const [path, ids] of inside) this.#at(path).inside = ids
    this.#listen(this.#root)
  }

  count() {
    return { directories: this.#directories, deaf: this.#deaf }
  }

  close(): void {
    if (this.#turn !== null) clearImmediate(this.#turn)
    for (const timer of this.#timers) clearTimeout(timer)
    this.#stop(this.#root)
  }

  #at(path: string): Node {
    let node = this.#root
    for (const name of path.split('/').filter((part) => part !== '')) {
      node.children ??= new Map()
      const child: Node = node.children.get(name) ?? nodeOf(node, name)
      node.children.set(name, child)
      node = child
    }
    return node
  }

  /** From above: whatever is made below after this is heard, or is there when it is looked for. */
  #listen(node: Node): void {
    if (!isDirectory(node)) return
    const path = pathOf(node)
    node.ear = this.#open(node, path)
    if (node.ear === null) return
    if (path === UNIT_DIR) this.#followEnabling()
    for (const child of node.children?.values() ?? []) this.#listen(child)
  }

  /** `null` where no directory is. */
  #open(node: Node, path: string): Ear | null {
    let watcher: FSWatcher | null = null
    try {
      if (this.#directories < MAX_WATCHED_DIRECTORIES) {
        watcher = watch(path || '/', (event, name) => this.#hear(node, event, name ?? ''))
        watcher.on('error', () => this.#look(node))
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return null
    }
    if (watcher === null) this.#deaf += 1
    else this.#directories += 1
    return { watcher, events: 0, secondAt: 0 }
  }

  /** A unit is enabled by a link in any of the folders that are there. */
  #followEnabling(): void {
    if (this.#units.size === 0) return
    for (const folder of namesIn(UNIT_DIR).filter((name) => ENABLING.test(name)))
      for (const [unit, ids] of this.#units) this.#at(`${UNIT_DIR}/${folder}/${unit}`).ids = ids
  }

  #stop(node: Node): void {
    if (node.ear !== null) {
      if (node.ear.watcher === null) this.#deaf -= 1
      else this.#directories -= 1
      node.ear.watcher?.close()
      node.ear = null
    }
    for (const child of node.children?.values() ?? []) this.#stop(child)
  }

  #hear(node: Node, event: string, name: string): void {
    this.#countBurst()
    if (this.#isTooLoud(node)) return
    const child = node.children?.get(name)
    if (child !== undefined) this.#heard(child.ids)
    // Content and modes are changes; what comes, goes or moves is all one here.
    if (event !== 'rename') return
    this.#heard(node.inside)
    if (child !== undefined && isDirectory(child)) this.#look(child)
    if (child === undefined && ENABLING.test(name) && pathOf(node) === UNIT_DIR) this.#look(node)
  }

  /** The kernel drops what its queue has no room for, and Node does not say so: after a flood all is looked at. */
  #countBurst(): void {
    if (this.#burst === 0) {
      setImmediate(() => {
        this.#burst = 0
      })
    }
    this.#burst += 1
    if (this.#burst === this.#flood) this.#look(this.#root)
  }

  /** Whoever writes without end into a directory costs little more than the first second of it. */
  #isTooLoud(node: Node): boolean {
    const { ear } = node
    if (ear === null) return true
    const now = performance.now()
    if (now - ear.secondAt > 1000) {
      ear.secondAt = now
      ear.events = 0
    }
    ear.events += 1
    if (ear.events === MAX_EVENTS_PER_SECOND + 1) {
      // Never while it is being told itself.
      setImmediate(() => ear.watcher?.close())
      const timer = setTimeout(() => {
        this.#timers.delete(timer)
        this.#look(node)
      }, DEAF_MS)
      this.#timers.add(timer)
    }
    return ear.events > MAX_EVENTS_PER_SECOND
  }

  /** Listens to a directory and all below it anew, and tells of all of it. Never while it is being told itself. */
  #look(node: Node): void {
    this.#moved.add(node)
    this.#turn ??= setImmediate(() => {
      this.#turn = null
      for (const moved of this.#moved) {
        this.#stop(moved)
        this.#listen(moved)
        this.#heard(idsBelow(moved))
      }
      this.#moved.clear()
    })
  }
}

/** So many events at once that the queue may have been full: events of ears that were closed are not counted. */
function floodOf(): number {
  try {
    return Math.ceil(Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8')) / 2)
  } catch {
    return USUAL_QUEUE / 2
  }
}
const USUAL_QUEUE = 16_384

const nodeOf = (parent: Node | null, name: string): Node => ({
  ...{ parent, name, ids: [], inside: [], children: null, ear: null },
})

const isDirectory = ({ children, inside }: Node) => children !== null || inside.length > 0

/** Empty for the root. */
const pathOf = ({ parent, name }: Node): string => (parent === null ? '' : `${pathOf(parent)}/${name}`)

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    // It went away again; whoever is above it hears of that.
    return []
  }
}

function* idsBelow(node: Node): Generator<ResourceId> {
  yield* node.ids
  yield* node.inside
  for (const child of node.children?.values() ?? []) yield* idsBelow(child)
}
