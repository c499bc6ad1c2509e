import type { Argv, Ended } from '../lib/host.ts'
import { MAX_ANSWER_BYTES, QUERY_TIMEOUT_MS } from '../lib/limits.ts'
import { canLendReading, run1 } from './exec.ts'

/**
 * Every command that reading a host may run. Each begins as one of these, word by word, and none of them
 * changes anything.
 */
const QUERIES: readonly Argv[] = [
  ['systemctl', 'show'],
  ['systemctl', 'is-enabled'],
  ['systemd-analyze', 'verify'],
  ['apt-get', '--simulate'],
  ['apt-cache', 'policy'],
  ['apt-cache', 'showpkg'],
  ['apt-mark', 'showhold'],
  ['dpkg', '--audit'],
  ['getent', 'passwd'],
  ['getent', 'group'],
]

/** Whether a command is one of those that only read. */
export function isQuery(argv: Argv): boolean {
  return QUERIES.some((query) => query.every((word, i) => argv[i] === word))
}

const HOW = { timeoutMs: QUERY_TIMEOUT_MS, keepBytes: MAX_ANSWER_BYTES }

/**
 * Runs a query. apt writes what it has worked out to /var/cache/apt and /var/log/apt wherever it may, even when it
 * simulates; here it may not.
 */
export async function ask(argv: Argv): Promise<Ended> {
  const [program, ...rest] = argv
  if (program !== 'apt-get' && program !== 'apt-cache') return run1(argv, HOW)
  if (canLendReading()) return run1(argv, { ...HOW, reader: true })
  const forget = [
    ...['-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache='],
    ...['-o', 'Dir::Log::Planner=/dev/null', '-o', 'Dir::Log::Solver=/dev/null'],
  ]
  return { ...(await run1([program, ...forget, ...rest], HOW)), argv }
}
