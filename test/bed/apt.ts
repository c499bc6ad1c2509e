import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { must } from './run.ts'

/** The release that hosts run. */
export const SUITE = 'bookworm'

const SETTINGS = /^Acquire::(\S*Proxy\S*|Check-Valid-Until|Check-Date|https::\S+) /i

/** What apt needs in a host to reach what the machine's own apt reaches: path to content. */
export type AptFiles = Record<string, Buffer>

/**
 * The machine's own package sources, with the keys they name, its proxies and its authorities.
 *
 * Logins of `auth.conf` are left out: a host gets none.
 */
export async function machineApt(): Promise<AptFiles> {
  const files: AptFiles = {}
  for (const path of sourceFiles()) {
    const content = readFileSync(path)
    files[path] = content
    for (const [, key = ''] of content.toString().matchAll(/signed-by\s*[:=]\s*(\/[^\s\]]+)/gi))
      if (existsSync(key)) files[key] = readFileSync(key)
  }
  for (const path of [
    ...inDir('/etc/apt/trusted.gpg.d', ''),
    ...inDir('/usr/local/share/ca-certificates', '.crt'),
  ])
    files[path] = readFileSync(path)
  files['/etc/apt/apt.conf.d/00bed'] = Buffer.from(await settings())
  return files
}

/** The address debootstrap loads from: the first source of the machine that has our release. */
export function mirror(files: AptFiles): string {
  for (const [path, content] of Object.entries(files)) {
    const text = content.toString()
    if (path.endsWith('.sources')) {
      const stanza = text
        .split(/\n\s*\n/)
        .find((s) => new RegExp(`^Suites:.*\\b${SUITE}(\\s|$)`, 'm').test(s))
      const uri = stanza?.match(/^URIs:\s*(\S+)/m)?.[1]
      if (uri !== undefined) return uri
    }
    const line = text.match(new RegExp(`^deb\\s+(?:\\[.*?\\]\\s+)?(\\S+)\\s+${SUITE}\\s`, 'm'))
    if (path.endsWith('.list') && line?.[1] !== undefined) return line[1]
  }
  throw new Error(`no package source of this machine has ${SUITE}; add one to /etc/apt/sources.list.d`)
}

function sourceFiles(): string[] {
  const dir = '/etc/apt/sources.list.d'
  return [...inDir('/etc/apt', 'sources.list'), ...inDir(dir, '.list'), ...inDir(dir, '.sources')]
}

function inDir(dir: string, ending: string): string[] {
  if (!existsSync(dir)) return []
  const entries = readdirSync(dir, { withFileTypes: true })
  const names = entries
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith(ending))
    .map((e) => e.name)
  return names.sort().map((name) => join(dir, name))
}

async function settings(): Promise<string> {
  const dump = await must(['apt-config', 'dump'])
  const kept = dump.split('\n').filter((line) => SETTINGS.test(line))
  // Indexes stay compressed and without translations: a host is read whole for each snapshot.
  return [...kept, 'Acquire::Languages "none";', 'Acquire::GzipIndexes "true";', ''].join('\n')
}
