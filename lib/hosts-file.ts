import { bare, insert, instead, linesOf } from './text.ts'

/** Names that a host can't do without: they are never declared, and an edit leaves them where they are. */
export const GUARDED = /^(localhost|localhost\.localdomain|ip6-.*)$/i

export const lower = (name: string): string => name.toLowerCase()

/** An address in the one form that its other forms are compared by. */
export const normalAddress = (address: string): string =>
  address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address

export type HostsEntry = {
  readonly name: string
  readonly addresses: readonly string[]
  /** `null`: as they are. */
  readonly aliases: readonly string[] | null
  readonly comment: string | null
}

type Parsed = {
  readonly address: string
  /** As written; the first is the canonical one. */
  readonly names: readonly string[]
  readonly comment: string | null
}

/** What a hosts file says of one name, given in lower case. `own` counts its lines. */
export function readHosts(content: string, name: string) {
  const all = linesOf(content).flatMap((line) => parse(bare(line)) ?? [])
  const own = all.filter((one) => isOwn(one, name))
  const aliases = own.map((one) => aliasesOf(one).map(lower))
  const alike = new Set(aliases.map((some) => some.toSorted().join(' '))).size < 2
  const comments = [...new Set(own.map(({ comment }) => comment))]
  return {
    own: own.length,
    addresses: own.map(({ address }) => normal(address)).sort(),
    // Where its lines differ, each is shown with its address.
    aliases: alike
      ? [...new Set(aliases[0])].sort()
      : own.map((one) => [one.address, ...aliasesOf(one)].join(' ')),
    comment: comments.length < 2 ? (comments[0] ?? null) : comments.map((one) => one ?? '').join(' | '),
    elsewhere: all
      .filter((one) => !isOwn(one, name) && one.names.some((other) => lower(other) === name))
      .map(({ address, names }) => [address, ...names].join(' ')),
  }
}

/**
 * The content with one entry as it is declared; without addresses it goes.
 *
 * A line that is right already stays as it is written. A new address takes the place of an old one, so that the order of
 * the file stays too.
 */
export function editHosts(content: string, entry: HostsEntry): string {
  const name = lower(entry.name)
  const lines = linesOf(content)
  const parsed = lines.map((line) => parse(bare(line)))
  const own = [...lines.keys()].filter((i) => isOwn(parsed[i] ?? null, name))
  const assigned = assign(own, parsed, entry.addresses)
  const edited = lines.map((line, i) => {
    const one = parsed[i] ?? null
    if (one === null) return line
    if (own.includes(i)) return ownLine(line, one, assigned.places.get(i) ?? null, entry)
    const names = one.names.filter((other) => lower(other) !== name)
    return names.length === one.names.length ? line : instead(line, render({ ...one, names }))
  })
  const fresh = assigned.rest.map((address) =>
    render({ address, names: [entry.name, ...(entry.aliases ?? [])], comment: entry.comment }),
  )
  return insert(edited, (own.at(-1) ?? lines.length - 1) + 1, fresh).join('')
}

/** Which of its lines each address has: its own first, then one that has lost its address. */
function assign(own: readonly number[], parsed: readonly (Parsed | null)[], addresses: readonly string[]) {
  const places = new Map<number, string>()
  const rest = new Map(addresses.map((address) => [normalAddress(address), address]))
  for (const i of own) {
    const address = normal(parsed[i]?.address ?? '')
    const declared = rest.get(address)
    if (declared !== undefined) places.set(i, declared)
    rest.delete(address)
  }
  for (const i of own.filter((i) => !places.has(i))) {
    const [next] = rest
    if (next === undefined) break
    places.set(i, next[1])
    rest.delete(next[0])
  }
  return { places, rest: [...rest.values()] }
}

/** One line of the entry anew. Names that the host can't do without stay, on a line of their own if need be. */
function ownLine(line: string, one: Parsed, address: string | null, entry: HostsEntry): string {
  const kept = one.names.filter((name) => GUARDED.test(name))
  const moves = address === null || normal(one.address) !== normalAddress(address)
  const guarded = moves && kept.length > 0 ? `${render({ ...one, names: kept, comment: null })}\n` : ''
  if (address === null) return guarded
  const aliases = entry.aliases ?? aliasesOf(one)
  const comment = entry.comment ?? one.comment
  const right = !moves && comment === one.comment && sameNames(aliases, aliasesOf(one))
  const names = [entry.name, ...aliases, ...(moves ? [] : kept)]
  return guarded + (right ? line : instead(line, render({ address, names, comment })))
}

const sameNames = (a: readonly string[], b: readonly string[]) =>
  [...new Set(a.map(lower))].sort().join(' ') === b.map(lower).sort().join(' ')

const isOwn = (one: Parsed | null, name: string) => one !== null && lower(one.names[0] ?? '') === name

const aliasesOf = ({ names }: Parsed) => names.slice(1).filter((name) => !GUARDED.test(name))

/** What is no address is compared as it stands. */
const normal = (address: string) => (URL.canParse(`http://[${address}]`) ? normalAddress(address) : address)

const render = ({ address, names, comment }: Parsed) =>
  `${address}\t${names.join(' ')}${comment === null ? '' : ` # ${comment}`}`

/** `null` for a comment and an empty line. */
function parse(line: string): Parsed | null {
  const at = line.indexOf('#')
  const [address, ...names] = (at === -1 ? line : line.slice(0, at))
    .split(/\s+/)
    .filter((word) => word !== '')
  if (address === undefined || names.length === 0) return null
  return { address, names, comment: at === -1 ? null : line.slice(at + 1).trim() || null }
}
