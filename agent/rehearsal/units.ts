import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { QUERY_TIMEOUT_MS } from '../../lib/limits.ts'
import { run1 } from '../exec.ts'
import type { Unit } from '../units.ts'
import { STAGE } from './stage.ts'

/** What systemd says of units before a rehearsal, by their names. */
export type Known = Readonly<Record<string, Readonly<Record<string, string>>>>

// Where systemd looks for units, the nearest first.
const FOLDERS = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/lib/systemd/system',
]

/**
 * What systemd would say of a unit: files are looked at anew, what runs is what ran before and what was asked for
 * since. `asked` is the record of that.
 */
export async function rehearsedUnit(name: string, known: Known, asked: string): Promise<Unit> {
  const before = known[name] ?? {}
  const isRunning = existsSync(join(STAGE, 'units', name))
  const isStale = before.NeedDaemonReload === 'yes' && !isReloaded(asked)
  const lives = {
    Id: before.Id ?? name,
    ActiveState: isRunning ? 'active' : 'inactive',
    NeedDaemonReload: isStale ? 'yes' : 'no',
    Job: '',
  }
  const path = fileOf(name)
  // systemd made it at boot, of something that is no unit.
  const isMade = path === null && (before.FragmentPath ?? '').startsWith('/run/')
  const files = isMade ? {} : await filesOf(name, path)
  return new Map(Object.entries({ ...before, ...lives, ...files }))
}

/** What the files of a unit say. */
async function filesOf(name: string, path: string | null) {
  if (path === null) return { LoadState: 'not-found', FragmentPath: '', DropInPaths: '', UnitFileState: '' }
  const UnitFileState = await fileStateOf(name)
  if (isMask(path)) return { LoadState: 'masked', FragmentPath: '', DropInPaths: '', UnitFileState }
  const dropIns = dropInsOf(name)
  const reloads = [path, ...dropIns].some((one) => /^ExecReload=./m.test(readFileSync(one, 'utf8')))
  const read = { FragmentPath: path, DropInPaths: dropIns.join(' '), CanReload: reloads ? 'yes' : 'no' }
  return { LoadState: 'loaded', ...read, UnitFileState }
}

const isReloaded = (asked: string) => /^\d+ daemon-re/m.test(readFileSync(asked, 'utf8'))

/** An instance is what its template says. */
function fileOf(name: string): string | null {
  const names = [...new Set([name, name.replace(/@.*(?=\.[a-z]+$)/, '@')])]
  const places = names.flatMap((one) => FOLDERS.map((folder) => join(folder, one)))
  const found = places.find((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined)
  if (found === undefined || !lstatSync(found).isSymbolicLink() || isMask(found)) return found ?? null
  // Another name of a unit; systemd tells where its file is.
  return existsSync(found) ? realpathSync(found).replace(/^\/usr(?=\/lib\/systemd\/)/, '') : null
}

const isMask = (path: string) =>
  lstatSync(path).isSymbolicLink() ? readlinkSync(path) === '/dev/null' : lstatSync(path).size === 0

function dropInsOf(name: string): string[] {
  const found = new Map<string, string>()
  for (const folder of FOLDERS) {
    const place = join(folder, `${name}.d`)
    for (const file of existsSync(place) ? readdirSync(place) : [])
      if (file.endsWith('.conf') && !found.has(file)) found.set(file, join(place, file))
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path)
}

async function fileStateOf(name: string): Promise<string> {
  const { stdout } = await run1(['systemctl', 'is-enabled', '--', name], { timeoutMs: QUERY_TIMEOUT_MS })
  return stdout.trim()
}
