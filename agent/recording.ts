import type { Argv, Host, Key } from '../lib/state.ts'

/** The same host, which notes in `keys` what is read through it. */
export class Recording implements Host {
  readonly #host: Host
  readonly #keys: Set<Key>

  constructor(host: Host, keys: Set<Key>) {
    this.#host = host
    this.#keys = keys
  }

  stat(path: string) {
    this.#keys.add(`file:${path}`)
    return this.#host.stat(path)
  }

  sha256(path: string) {
    this.#keys.add(`file:${path}`)
    return this.#host.sha256(path)
  }

  text(path: string) {
    this.#keys.add(`file:${path}`)
    return this.#host.text(path)
  }

  list(path: string) {
    this.#keys.add(`file:${path}/*`)
    return this.#host.list(path)
  }

  package(name: string) {
    this.#keys.add(`package:${name}`)
    return this.#host.package(name)
  }

  aptIndex() {
    this.#keys.add('disk:/etc/apt/*')
    return this.#host.aptIndex()
  }

  unit(name: string) {
    this.#keys.add(`unit:${name}`)
    return this.#host.unit(name)
  }

  user(name: string) {
    this.#keys.add(`user:${name}`)
    return this.#host.user(name)
  }

  group(name: string) {
    this.#keys.add(`group:${name}`)
    return this.#host.group(name)
  }

  userOf(uid: number) {
    this.#keys.add(`uid:${uid}`)
    return this.#host.userOf(uid)
  }

  groupOf(gid: number) {
    this.#keys.add(`gid:${gid}`)
    return this.#host.groupOf(gid)
  }

  groups() {
    this.#keys.add('group:*')
    return this.#host.groups()
  }

  query(argv: Argv, keys: readonly Key[]) {
    for (const key of keys) this.#keys.add(key)
    return this.#host.query(argv, keys)
  }

  probe(argv: Argv, how: Parameters<Host['probe']>[1]) {
    // Nobody knows what a guard of the site looks at.
    this.#keys.add('*')
    return this.#host.probe(argv, how)
  }

  stamp(hash: string) {
    this.#keys.add(`stamp:${hash}`)
    return this.#host.stamp(hash)
  }
}
