import type { Argv } from '../lib/state.ts'

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
