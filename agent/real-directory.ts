import { posix } from 'node:path'
import type { Host } from '../lib/host.ts'

// As many as the kernel follows.
const MAX_LINKS = 40

/** Where directories really are. What was found is kept until it is forgotten. */
export type RealDirectories = {
  /** The path of a directory with no link in it; what is not there is left as it is written. */
  find(directory: string): Promise<string>
  /** Those that were found to be there, with a way to them that nobody but root can change. */
  readonly safe: Set<string>
  /** What `find` found before, so that nobody has to wait for it. */
  known(directory: string): string | undefined
  forget(): void
}

/** Follows the links in the path of a directory. */
export function realDirectories(stat: Host['stat']): RealDirectories {
  const reals = new Map<string, string>()
  const safe = new Set<string>()
  const find = async (directory: string, links: number): Promise<string> => {
    const known = reals.get(directory)
    if (known !== undefined || directory === '/') return known ?? '/'
    const path = posix.join(await find(posix.dirname(directory), links), posix.basename(directory))
    const there = await stat(path)
    const leads = there?.kind === 'link' && links > 0
    const end = leads ? await find(posix.resolve(posix.dirname(path), there.target ?? ''), links - 1) : path
    reals.set(directory, end)
    return end
  }
  return {
    find: (directory) => find(directory, MAX_LINKS),
    known: (directory) => (directory === '/' ? '/' : reals.get(directory)),
    safe,
    forget() {
      reals.clear()
      safe.clear()
    },
  }
}
