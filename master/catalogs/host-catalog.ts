import type { CompiledHost } from '../compile/compile-worker.ts'
import type { Diagnostic } from '../site/diagnostics.ts'

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

export const NOT_DECLARED = 'the site declares this host no more; it keeps its last catalog'

export const emptyRow = (host: string): HostCatalog => ({
  host,
  sha256: null,
  commit: null,
  inputs: null,
  blobs: [],
  problem: null,
})

/** What becomes of a row by a compile. */
export function rowOf(
  before: HostCatalog,
  { inputs, made, errors }: CompiledHost,
  commit: string | null,
): HostCatalog {
  if (errors.length > 0) return { ...before, problem: errors.map(problemText).join('\n') }
  if (made === null) return { ...before, commit }
  const { sha256, blobs } = made
  return { host: before.host, sha256, commit, inputs, blobs, problem: null }
}

export const sameRow = (one: HostCatalog, other: HostCatalog) =>
  one.sha256 === other.sha256 &&
  one.commit === other.commit &&
  one.inputs === other.inputs &&
  one.problem === other.problem

export const problemText = ({ file, line, column, code, message }: Diagnostic) =>
  `${file}:${line}:${column} ${code} ${message}`
