import { Failure } from '../lib/failure.ts'
import type { Argv } from '../lib/host.ts'
import { MAX_ANSWER_BYTES, QUERY_TIMEOUT_MS } from '../lib/limits.ts'
import { describe, run1 } from './exec.ts'

const PROPERTIES = [
  'Id',
  'Type',
  'LoadState',
  'LoadError',
  'ActiveState',
  'SubState',
  'Result',
  'UnitFileState',
  'FragmentPath',
  'DropInPaths',
  'NeedDaemonReload',
  'CanReload',
  'InvocationID',
  'Job',
  'ExecReload',
  'ActiveEnterTimestampMonotonic',
].join()

// One command line holds this many names with room to spare.
const MAX_UNITS_PER_CALL = 500

export type Unit = ReadonlyMap<string, string>

export type UnitsReader = { unit(name: string): Promise<Unit>; forget(): void }

/** Asks for all units that are wanted in one turn of the event loop by one `systemctl show`. */
export function unitsReader(): UnitsReader {
  const known = new Map<string, Promise<Unit>>()
  const wanted = new Set<string>()
  let asking: Promise<ReadonlyMap<string, Unit>> | null = null

  return {
    forget: () => known.clear(),
    unit(name) {
      const found = known.get(name)
      if (found) return found
      // Whoever asks for one unit again after a change will ask for the others too.
      wanted.add(name)
      asking ??= Promise.resolve().then(() => {
        asking = null
        return show([...wanted])
      })
      const batch = asking
      const of = (one: string) => batch.then((units) => units.get(one) ?? new Map<string, string>())
      for (const other of wanted) {
        if (known.has(other)) continue
        const later = of(other)
        // Nobody may come to ask for it; whoever does learns of the failure.
        later.catch(() => undefined)
        known.set(other, later)
      }
      return known.get(name) ?? of(name)
    },
  }
}

async function show(names: readonly string[]): Promise<ReadonlyMap<string, Unit>> {
  const units = new Map<string, Unit>()
  for (let at = 0; at < names.length; at += MAX_UNITS_PER_CALL) {
    const some = names.slice(at, at + MAX_UNITS_PER_CALL)
    const argv: Argv = ['systemctl', 'show', `--property=${PROPERTIES}`, '--', ...some]
    const ended = await run1(argv, { timeoutMs: QUERY_TIMEOUT_MS, keepBytes: MAX_ANSWER_BYTES })
    if (ended.code !== 0) {
      const hint = 'is systemd running on this host?'
      throw new Failure(
        'unavailable',
        `units can't be read: ${describe({ ...ended, argv: ['systemctl', 'show'] })}`,
        { hint },
      )
    }
    // Answers come in the order of the names, with an empty line between them.
    const paragraphs = ended.stdout.trimEnd().split('\n\n')
    for (const [i, name] of some.entries()) units.set(name, parse(paragraphs[i] ?? ''))
  }
  return units
}

/** `Key=value` a line; values may hold `=`. */
function parse(text: string): Unit {
  const lines = text.split('\n').filter((line) => line.includes('='))
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}
