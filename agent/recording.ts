import type { Host, Key } from '../lib/state.ts'

/** The same host, which notes in `keys` what is read through it. */
export function recording(host: Host, keys: Set<Key>): Host {
  const noted = <A extends unknown[], R>(read: (first: string, ...rest: A) => R, kind: string, tail = '') => {
    return (first: string, ...rest: A): R => {
      keys.add(`${kind}:${first}${tail}`)
      return read(first, ...rest)
    }
  }
  return {
    stat: noted(host.stat, 'file'),
    sha256: noted(host.sha256, 'file'),
    text: noted(host.text, 'file'),
    list: noted(host.list, 'file', '/*'),
    package: noted(host.package, 'package'),
    unit: noted(host.unit, 'unit'),
    user: noted(host.user, 'user'),
    group: noted(host.group, 'group'),
    stamp: noted(host.stamp, 'stamp'),
    groups() {
      keys.add('group:*')
      return host.groups()
    },
    query(argv, read) {
      for (const key of read) keys.add(key)
      return host.query(argv, read)
    },
    probe(argv, how) {
      // Nobody knows what a guard of the site looks at.
      keys.add('*')
      return host.probe(argv, how)
    },
  }
}
