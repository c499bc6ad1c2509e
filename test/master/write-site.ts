import { mkdirSync, readdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Files by path: text, bytes, a link, or a sparse file of a size. */
export type Files = Readonly<Record<string, string | Buffer | { link: string } | { bytes: number }>>

const BASE: Files = { 'drover.yaml': 'name: test\n', 'hosts.yaml': 'hosts:\n  h1: { roles: [web] }\n' }

/** Writes a site of one host `h1` with one role `web`, unless `files` says otherwise. */
export function writeSite(dir: string, files: Files): string {
  for (const [path, content] of Object.entries({ ...BASE, ...files })) {
    const target = join(dir, path)
    mkdirSync(dirname(target), { recursive: true })
    if (typeof content === 'string' || Buffer.isBuffer(content)) writeFileSync(target, content)
    else if ('link' in content) symlinkSync(content.link, target)
    else {
      writeFileSync(target, '')
      truncateSync(target, content.bytes)
    }
  }
  return dir
}

/** Every path below a folder with its size and time, to show that nothing was written. */
export function listing(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${path} ${statSync(path).size} ${statSync(path).mtimeMs}`)
    .sort()
}
