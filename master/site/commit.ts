import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

/**
 * The commit that a git work tree has checked out, `null` where there is none.
 *
 * Read from git's own files: starting git would cost more than compiling the site.
 */
export function commitOf(dir: string): string | null {
  const gitDir = gitDirectory(dir)
  if (gitDir === null) return null
  const head = text(join(gitDir, 'HEAD'))?.trim() ?? ''
  const ref = /^ref: (refs\/[^\0]+)$/.exec(head)?.[1]
  if (ref === undefined) return asCommit(head)
  // A linked work tree keeps its branches with the main one.
  const common = text(join(gitDir, 'commondir'))?.trim()
  const folders = common === undefined ? [gitDir] : [gitDir, resolve(gitDir, common)]
  for (const folder of folders) {
    const commit = asCommit(text(join(folder, ref))?.trim() ?? '') ?? packed(folder, ref)
    if (commit !== null) return commit
  }
  return null
}

function gitDirectory(dir: string): string | null {
  const path = join(dir, '.git')
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return null
  if (stat.isDirectory()) return path
  const target = /^gitdir: (.+)$/m.exec(text(path) ?? '')?.[1]
  return target === undefined ? null : resolve(dir, target)
}

function packed(folder: string, ref: string): string | null {
  const line = text(join(folder, 'packed-refs'))
    ?.split('\n')
    .find((candidate) => candidate.endsWith(` ${ref}`))
  return line === undefined ? null : asCommit(line.split(' ')[0] ?? '')
}

const asCommit = (hash: string) => (/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(hash) ? hash : null)

function text(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Not there, or not readable for us: then the commit is not known.
    return null
  }
}
