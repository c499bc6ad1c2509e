import { readFileSync, statSync } from 'node:fs'
import type { GroupReading, UserReading } from '../lib/host.ts'

export type Accounts = {
  readonly users: ReadonlyMap<string, UserReading>
  readonly groups: ReadonlyMap<string, GroupReading>
  /** The first name that has a number, as `ls` shows it. */
  readonly userOf: ReadonlyMap<number, string>
  readonly groupOf: ReadonlyMap<number, string>
}

const FILES = ['/etc/passwd', '/etc/group', '/etc/shadow'] as const

/** Parsed again only when one of the files is another one than before. */
export function accountsReader(): () => Accounts {
  let seen = ''
  let accounts: Accounts | null = null
  return () => {
    const now = FILES.map(signature).join()
    if (accounts === null || now !== seen) accounts = parse()
    seen = now
    return accounts
  }
}

function signature(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat ? `${stat.ino}:${stat.size}:${stat.mtimeMs}:${stat.ctimeMs}` : ''
}

function parse(): Accounts {
  const [passwd, group, shadow] = FILES.map(rows) as [string[][], string[][], string[][]]
  const secrets = new Map(shadow.map((row) => [row[0] ?? '', row]))
  const users = new Map<string, UserReading>()
  for (const [name = '', , uid, gid, comment = '', home = '', shell = ''] of passwd) {
    const [, password = '', , min, max, warn, inactive, expires] = secrets.get(name) ?? []
    users.set(name, {
      name,
      uid: Number(uid),
      gid: Number(gid),
      comment,
      home,
      shell,
      password,
      expires: days(expires),
      ageing: { min: days(min), max: days(max), warn: days(warn), inactive: days(inactive) },
    })
  }
  const groups = new Map<string, GroupReading>()
  for (const [name = '', , gid, members = ''] of group) {
    groups.set(name, { name, gid: Number(gid), members: members === '' ? [] : members.split(',') })
  }
  const first = <T>(named: Iterable<T>, number: (one: T) => number, name: (one: T) => string) => {
    const names = new Map<number, string>()
    for (const one of named) if (!names.has(number(one))) names.set(number(one), name(one))
    return names
  }
  return {
    users,
    groups,
    userOf: first(
      users.values(),
      (user) => user.uid,
      (user) => user.name,
    ),
    groupOf: first(
      groups.values(),
      (one) => one.gid,
      (one) => one.name,
    ),
  }
}

/** A number of /etc/shadow, where nothing is written for none. */
const days = (text = '') => (text === '' ? null : Number(text))

function rows(path: string): string[][] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    // Without root the shadow file is closed; a host of one user need not have it.
    if (['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'))
}
