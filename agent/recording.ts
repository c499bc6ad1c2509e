import type { Argv, Host, Key } from '../lib/host.ts'

/** The same host, which notes in `keys` what is read through it. */
export class Recording implements Host {
  readonly #host: Host
  readonly #keys: Key[]

  constructor(host: Host, keys: Key[]) {
    this.#host = host
    this.#keys = keys
  }

  async stat(path: string) {
    this.#keys.push(`file:${path}`)
    const stat = await this.#host.stat(path)
    if (stat !== null) this.#keys.push(holderKey('uid', stat.owner), holderKey('gid', stat.group))
    return stat
  }

  sha256(path: string) {
    this.#keys.push(`file:${path}`)
    return this.#host.sha256(path)
  }

  text(path: string) {
    this.#keys.push(`file:${path}`)
    return this.#host.text(path)
  }

  list(path: string) {
    this.#keys.push(`file:${path}/*`)
    return this.#host.list(path)
  }

  package(name: string) {
    this.#keys.push(`package:${name}`)
    return this.#host.package(name)
  }

  aptIndex() {
    this.#keys.push('disk:/etc/apt/*')
    return this.#host.aptIndex()
  }

  candidate(name: string, release: string | null) {
    this.#keys.push('disk:/etc/apt/*', `package:${name}`)
    return this.#host.candidate(name, release)
  }

  unit(name: string) {
    // systemd says by itself whether it has to read a unit's files again.
    const file = `disk:/etc/systemd/system/${name}`
    this.#keys.push(`unit:${name}`, file, `${file}.d/*`)
    return this.#host.unit(name)
  }

  user(name: string) {
    this.#keys.push(`user:${name}`)
    return this.#host.user(name)
  }

  group(name: string) {
    this.#keys.push(`group:${name}`)
    return this.#host.group(name)
  }

  userOf(uid: number) {
    this.#keys.push(`uid:${uid}`)
    return this.#host.userOf(uid)
  }

  groupOf(gid: number) {
    this.#keys.push(`gid:${gid}`)
    return this.#host.groupOf(gid)
  }

  groups() {
    this.#keys.push('group:*')
    return this.#host.groups()
  }

  query(argv: Argv, keys: readonly Key[]) {
    for (const key of keys) this.#keys.push(key)
    return this.#host.query(argv, keys)
  }

  probe(argv: Argv, how: Parameters<Host['probe']>[1]) {
    // Nobody knows what a guard of the site looks at.
    this.#keys.push('*')
    return this.#host.probe(argv, how)
  }

  stamp(hash: string) {
    this.#keys.push(`stamp:${hash}`)
    return this.#host.stamp(hash)
  }
}

/** A file has a number; the name that is read for it is another one when an account gets or loses that number. */
const holderKey = (kind: 'uid' | 'gid', holder: string): Key =>
  /^\d+$/.test(holder) ? `${kind}:${holder}` : `${kind}-of:${holder}`
