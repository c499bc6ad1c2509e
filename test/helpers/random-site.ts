import { numbersOf } from './chance.ts'

/** One declaration, as it stands in a role. */
type Declared = Record<string, unknown>

/** A small site of many types whose resources get in each other's way: the same seed gives the same site. */
export function randomSite(seed: number): Declared[] {
  const chance = chanceOf(seed)
  const made = [
    ...paths(chance),
    ...lines(chance),
    ...accounts(chance),
    ...units(chance),
    ...commands(chance),
    ...others(chance),
  ]
  const site = chance.shuffled(made.filter(isAtPeace).filter(isUnused))
  for (const one of site) react(one, site, chance)
  return site
}

/** Two declarations that say different things of one file would never come to an end; the site's author has to choose. */
function isAtPeace(one: Declared, at: number, all: readonly Declared[]): boolean {
  const path = `${one.creates ?? pathOf(one)}`
  if (path === '/srv/r/l/x' && all.some(isBehindLink)) return false
  if ('line' in one) return !all.slice(0, at).some((other) => pathOf(other) === path && !isAnyFile(other))
  if (!('creates' in one)) return true
  return !all.some((other) => (other.absent || other.purge) && path.startsWith(pathOf(other)))
}

/** The compiler refuses an account that is removed and used. */
function isUnused(one: Declared, _at: number, all: readonly Declared[]): boolean {
  if (!one.absent || !('user' in one || 'group' in one)) return true
  const uses = (other: Declared) =>
    'user' in one
      ? [other.owner, other.user, other['authorized-keys'], ...[other.members ?? []].flat()].includes(
          one.user,
        )
      : [other.group, ...[other.groups ?? []].flat()].includes(one.group)
  return !all.some((other) => other !== one && !other.absent && uses(other))
}

const isAnyFile = (one: Declared) => 'file' in one && !one.absent && !('content' in one)

/** Of a directory to which the link may lead. */
const isBehindLink = (one: Declared) =>
  /^.srv.r.[ab].x$/.test(`${one.creates ?? pathOf(one)}`) ||
  (/^.srv.r.[ab]$/.test(pathOf(one)) && (one.purge || one.absent || !('directory' in one)))

const pathOf = (one: Declared) => `${Object.values(one)[0]}`.split('#')[0] ?? ''

type Chance = {
  of(share: number): boolean
  one<T>(list: readonly T[]): T
  some<T>(list: readonly T[], share: number): T[]
  shuffled<T>(list: readonly T[]): T[]
}

function chanceOf(seed: number): Chance {
  const next = numbersOf(seed)
  const of = (share: number) => next() < share
  return {
    of,
    one: <T>(list: readonly T[]) => list[Math.floor(next() * list.length)] as T,
    some: (list, share) => list.filter(() => of(share)),
    shuffled: (list) =>
      list
        .map((one) => ({ one, key: next() }))
        .sort((a, b) => a.key - b.key)
        .map(({ one }) => one),
  }
}

const USERS = ['ada', 'bob']
const GROUPS = ['red', 'blue']
const DIRECTORIES = ['/srv/r/a', '/srv/r/b', '/srv/r/a/c', '/srv/r/l']
const FILES = ['/srv/r/x', '/srv/r/a/x', '/srv/r/b/x', '/srv/r/a/c/x', '/srv/r/l/x']
const SERVICES = ['one.service', 'two.service', 'many@1.service']

function paths(chance: Chance): Declared[] {
  const found: Declared[] = chance.of(0.9) ? [{ directory: '/srv/r' }] : []
  for (const path of chance.some([...DIRECTORIES, ...FILES], 0.6)) {
    const usual = path.endsWith('/x') ? 'file' : path.endsWith('/l') ? 'link' : 'directory'
    // A link to a directory lets one file have two names, so there is one such place alone.
    const kinds =
      !path.endsWith('/l') && DIRECTORIES.includes(path)
        ? ['file', 'directory']
        : ['file', 'directory', 'link']
    const type = chance.of(0.8) ? usual : chance.one(kinds)
    found.push({ [type]: path, ...(chance.of(0.15) ? absent(type, chance) : present(type, chance)) })
  }
  return found
}

const absent = (type: string, chance: Chance): Declared => ({
  absent: true,
  ...(type === 'directory' && chance.of(0.7) && { recursive: true }),
  ...(chance.of(0.3) && { force: true }),
})

function present(type: string, chance: Chance): Declared {
  const force = chance.of(0.5) ? { force: true } : {}
  if (type === 'link') return { to: chance.one(['a', '/srv/r/b', '/srv/r/a/../b', 'nowhere']), ...force }
  const owner = {
    ...(chance.of(0.3) && { owner: chance.one([...USERS, 'root', '4711', null]) }),
    ...(chance.of(0.3) && { group: chance.one([...GROUPS, 'root', null]) }),
    ...(chance.of(0.4) && { mode: chance.one(['0700', '0755', '0640', null]) }),
  }
  if (type === 'directory')
    return {
      ...owner,
      ...force,
      ...(chance.of(0.2) && { purge: true }),
      ...(chance.of(0.2) && { recurse: true }),
    }
  const content = chance.of(0.8) ? { content: chance.one(['', 'one\n', 'two\n', 'k = 1\nm = 2\n']) } : {}
  const kept = chance.of(0.15) ? { once: true } : {}
  return { ...owner, ...force, ...content, ...kept, ...(chance.of(0.15) && { backup: '/srv/r/kept' }) }
}

function lines(chance: Chance): Declared[] {
  return chance.some([...FILES, '/etc/hosts'], 0.15).map((path) => ({
    line: `${path}#k`,
    text: `# k = ${chance.one([1, 2])}`,
    match: '^(# )?k =',
    which: 'first',
    ...(chance.of(0.5) && path !== '/etc/hosts' && { create: true }),
  }))
}

function accounts(chance: Chance): Declared[] {
  const users = chance.some(USERS, 0.5).map((user) =>
    chance.of(0.2)
      ? { user, absent: true, ...(chance.of(0.5) && { remove_home: true }) }
      : {
          user,
          ...(chance.of(0.3) && { uid: chance.one([3001, 3002]) }),
          ...(chance.of(0.3) && { groups: chance.some(GROUPS, 0.5) }),
          ...(chance.of(0.2) && { group: chance.one([...GROUPS, 'users']) }),
          ...(chance.of(0.3) && { home: chance.one(['/srv/r/home', '/home/ada', '/home/bob']) }),
          ...(chance.of(0.2) && { create_home: false }),
          ...(chance.of(0.3) && { shell: chance.one(['/bin/sh', '/bin/bash', '/usr/sbin/nologin']) }),
          ...(chance.of(0.2) && { comment: chance.one(['', 'A person']) }),
        },
  )
  const groups = chance.some(GROUPS, 0.5).map((group) =>
    chance.of(0.2)
      ? { group, absent: true }
      : {
          group,
          ...(chance.of(0.3) && { gid: chance.one([3001, 3002]) }),
          ...(chance.of(0.2) && { members: chance.some(USERS, 0.5) }),
        },
  )
  return [...users, ...groups]
}

function units(chance: Chance): Declared[] {
  const body = (n: number) =>
    `[Service]\nExecStart=/bin/sleep ${n}${chance.of(0.3) ? '\nExecReload=/bin/true' : ''}\n[Install]\nWantedBy=multi-user.target\n`
  const files = chance
    .some(
      ['one.service', 'two.service', 'many@.service', 'one.service.d/more.conf', 'two.service.d/more.conf'],
      0.4,
    )
    .map((unit) =>
      chance.of(0.2)
        ? { unit, absent: true }
        : {
            unit,
            content: unit.endsWith('.conf')
              ? `[Service]\nNice=${chance.one([1, 2])}\n`
              : body(chance.one([1000, 2000])),
          },
    )
  const services = chance.some(SERVICES, 0.5).map((service) => ({
    service,
    ...(chance.of(0.3) && { running: chance.one([true, false, null]) }),
    ...(chance.of(0.3) && { enabled: chance.one([true, false, null]) }),
    ...(chance.of(0.1) && { masked: true, running: false, enabled: false }),
  }))
  return [...files, ...services]
}

function commands(chance: Chance): Declared[] {
  return chance.some([1, 2], 0.4).map((n) => {
    const path = chance.one(FILES)
    return chance.of(0.5)
      ? { command: `touch ${n}`, argv: ['touch', path], creates: path }
      : {
          command: `logger -- random ${n}`,
          ...(chance.of(0.5) ? { triggered: true } : {}),
          ...(chance.of(0.2) && { user: chance.one(USERS) }),
        }
  })
}

function others(chance: Chance): Declared[] {
  const all: Declared[] = [
    {
      'hosts-entry': 'db1',
      address: chance.one(['192.0.2.1', '192.0.2.2']),
      aliases: chance.some(['db', 'sql'], 0.5),
    },
    {
      'hosts-entry': 'db2',
      ...(chance.of(0.3) ? { absent: true } : { address: '192.0.2.2', aliases: chance.some(['db'], 0.3) }),
    },
    {
      sysctl: 'net.ipv4.conf.all.forwarding',
      value: chance.one([0, 1]),
      ...(chance.of(0.3) && { persist: false }),
    },
    {
      sysctl: 'net.ipv4.conf.all.rp_filter',
      ...(chance.of(0.2) ? { absent: true } : { value: chance.one([0, 1]) }),
    },
    {
      cron: 'job',
      schedule: '1 2 * * *',
      command: chance.one(['true', 'date +%F']),
      user: chance.one([...USERS, 'root']),
    },
  ]
  return chance.some(all, 0.3)
}

/** Something changes, therefore a service or a command is restarted or reloaded. */
function react(one: Declared, site: readonly Declared[], chance: Chance): void {
  if (!('service' in one || 'triggered' in one)) return
  const causes = site.filter((other) => other !== one && !('service' in other)).map(idOf)
  const some = chance.some(causes, 0.15)
  if ('triggered' in one && some.length === 0) some.push(...causes.slice(0, 1))
  if (some.length > 0) one['service' in one && chance.of(0.3) ? 'reload_on' : 'restart_on'] = some
}

export const idOf = (one: Declared) => `${Object.keys(one)[0]}:${Object.values(one)[0]}`
