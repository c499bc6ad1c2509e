import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lstat } from '../lstat.ts'

const INFO = '/var/lib/dpkg/info'
const SCRIPTS = ['preinst', 'postinst', 'prerm', 'postrm']

export type Brought = {
  /** The package that has, or had, a path. */
  readonly packageOf: (path: string) => string | null
  /** The packages that changed, each with those of its scripts that dpkg may have run. */
  readonly scripts: Readonly<Record<string, readonly string[]>>
}

/** What dpkg says of the packages whose files are others than in `lower`, the root of the host before. */
export function broughtBy(lower: string): Brought {
  const names = new Set([...namesIn(INFO), ...namesIn(join(lower, INFO))])
  const lists = [...names].filter((name) => name.endsWith('.list') && isOther(lower, name))
  const owners = new Map<string, string>()
  const scripts: Record<string, string[]> = {}
  for (const list of lists) {
    const stem = list.slice(0, -'.list'.length)
    const [name = stem] = stem.split(':')
    for (const text of [textOf(join(lower, INFO, list)), textOf(join(INFO, list))])
      for (const path of text.split('\n')) owners.set(merged(path), name)
    scripts[name] = SCRIPTS.filter((script) => names.has(`${stem}.${script}`))
  }
  return { packageOf: (path) => owners.get(path) ?? null, scripts }
}

function isOther(lower: string, name: string): boolean {
  const [before, now] = [join(lower, INFO, name), join(INFO, name)].map(lstat)
  return before?.mtimeMs !== now?.mtimeMs || before?.size !== now?.size
}

function namesIn(folder: string): string[] {
  return lstat(folder)?.isDirectory() ? readdirSync(folder) : []
}

const textOf = (path: string) => (lstat(path)?.isFile() ? readFileSync(path, 'utf8') : '')

/** Packages still name what is in /usr by the links that lead there. */
function merged(path: string): string {
  const [, first = ''] = path.split('/')
  const isLink = /^(bin|sbin|lib\w*)$/.test(first) && lstat(`/${first}`)?.isSymbolicLink()
  return isLink ? `/usr${path}` : path
}
