import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Argv, Ended, PackageReading } from '../lib/host.ts'
import { LISTS } from './apt-index.ts'

/** All that decides which version apt would take, beside what is installed. */
const DECIDING = [
  ...[LISTS, '/var/lib/dpkg/status', '/etc/apt/sources.list', '/etc/apt/sources.list.d'],
  ...['/etc/apt/preferences', '/etc/apt/preferences.d', '/etc/apt/apt.conf', '/etc/apt/apt.conf.d'],
]

type Candidates = ReadonlyMap<string, string>

/**
 * The versions that apt would install, of all packages in one question: apt needs a second to begin and no more for
 * the next five hundred. Kept as long as nothing changes that decides it.
 */
export function candidatesReader(
  packages: () => ReadonlyMap<string, PackageReading>,
  ask: (argv: Argv) => Promise<Ended>,
): (name: string, release: string | null) => Promise<string | null> {
  let seen = ''
  const known = new Map<string | null, Promise<Candidates>>()
  return async (name, release) => {
    const now = DECIDING.map(signature).join()
    if (now !== seen) known.clear()
    seen = now
    const found = known.get(release) ?? query(namesOf(packages()), release, ask)
    known.set(release, found)
    return (await found).get(plainName(name, packages())) ?? null
  }
}

async function query(
  names: readonly string[],
  release: string | null,
  ask: (argv: Argv) => Promise<Ended>,
): Promise<Candidates> {
  const from = release === null ? [] : ['-o', `APT::Default-Release=${release}`]
  const { stdout } = await ask(['apt-cache', 'policy', ...from, '--', ...names])
  return parsePolicy(stdout)
}

/** `apt-cache policy`: a name in the first column, its candidate below. */
export function parsePolicy(stdout: string): Candidates {
  const found = stdout.matchAll(/^(\S+):\n {2}Installed: .*\n {2}Candidate: (\S+)/gm)
  return new Map([...found].map(([, name = '', version = '']) => [name, version]))
}

/** Each once: without its architecture where that is the host's own, as apt answers. */
const namesOf = (packages: ReadonlyMap<string, PackageReading>) =>
  [...packages.keys()].filter((name) => plainName(name, packages) === name)

function plainName(name: string, packages: ReadonlyMap<string, PackageReading>): string {
  const [plain = name] = name.split(':')
  return packages.get(plain) === packages.get(name) ? plain : name
}

/** Of a folder with what is in it: a file may be written in place. */
function signature(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return ''
  const own = `${stat.ino}:${stat.size}:${stat.mtimeMs}`
  if (!stat.isDirectory() || path === LISTS) return own
  return [own, ...readdirSync(path).map((name) => signature(join(path, name)))].join()
}
