import { join, sep } from 'node:path'
import { watch } from 'chokidar'
import { FOLLOW_SETTLE_MS } from '../../lib/limits.ts'
import { commitOf } from '../site/commit.ts'
import { type Follower, type Found, looker } from './follower.ts'

/** Follows a folder: a look at the start, and one after each flurry of changes. */
export async function followFolder(
  dir: string,
  found: Found,
  failed: (error: unknown) => void,
): Promise<Follower> {
  const { wake, problem, idle } = looker(async () => {
    await found({ dir, commit: commitOf(dir) })
  }, failed)
  const git = join(dir, '.git')
  // git writes a line there at each commit and checkout; nothing else in .git is the site's.
  const log = join(git, 'logs', 'HEAD')
  const isSite = (path: string) => path !== git && !path.startsWith(git + sep)
  const leads = (path: string) => log === path || log.startsWith(path + sep)
  const watcher = watch(dir, { ignoreInitial: true, ignored: (path) => !isSite(path) && !leads(path) })
  let timer: NodeJS.Timeout | undefined
  watcher.on('all', () => {
    clearTimeout(timer)
    timer = setTimeout(wake, FOLLOW_SETTLE_MS)
  })
  watcher.on('error', failed)
  await new Promise<void>((resolve) => watcher.once('ready', resolve))
  wake()
  return {
    wake,
    problem,
    async close() {
      clearTimeout(timer)
      await watcher.close()
      await idle()
    },
  }
}
