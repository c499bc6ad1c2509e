import { accountCommand, asSet, refuseElsewhere, refuseTaken } from './accounts.ts'
import { Failure } from './failure.ts'
import type { Key } from './host.ts'
import { reveal, Secret } from './secret.ts'
import type { Changes } from './state.ts'
import type { Step } from './step.ts'

/** How a user comes to be, changes and goes: the steps of the state `user`. */

export type UserProps = {
  readonly uid: number | null
  readonly group: string | null
  readonly groups: readonly string[]
  readonly only_groups: boolean
  readonly comment: string | null
  readonly home: string | null
  readonly move_home: boolean
  readonly create_home: boolean | null
  readonly home_mode: string | null
  readonly skeleton: string
  readonly shell: string | null
  readonly system: boolean
  readonly password: string | null
  readonly locked: boolean | null
  readonly expires: string | null
  readonly password_min_days: number | null
  readonly password_max_days: number | null
  readonly password_warn_days: number | null
  readonly password_inactive_days: number | null
  readonly non_unique: boolean
  readonly absent: boolean
  readonly remove_home: boolean
}

/** What a reading says of the surroundings, which is not compared. */
export type UserSurroundings = {
  readonly groups: readonly string[]
  readonly home: string
  readonly home_there: boolean
  readonly home_of_other: boolean
  readonly locked: boolean
  readonly has_password: boolean
  readonly uid: number | null
  readonly elsewhere: boolean
  readonly uid_of: string
  readonly own_group: boolean
  readonly shell_there: boolean
}

/** What adduser of Debian 12 gives a new user. */
export const shellOf = ({ shell, system }: Pick<UserProps, 'shell' | 'system'>) =>
  shell ?? (system ? '/usr/sbin/nologin' : '/bin/bash')

const createsHome = ({ create_home, system }: Pick<UserProps, 'create_home' | 'system'>) =>
  create_home ?? !system

export const homeOf = (name: string, props: Pick<UserProps, 'home' | 'create_home' | 'system'>) =>
  props.home ?? (createsHome(props) ? `/home/${name}` : '/nonexistent')

const homeModeOf = ({ home_mode }: Pick<UserProps, 'home_mode'>) => home_mode ?? '0700'

/** Refuses what the tools would refuse half-way, before anything is done. */
export function refuseUser(
  name: string,
  props: UserProps,
  changes: Changes,
  current: UserSurroundings | null,
): void {
  refuseElsewhere('user', name, current?.elsewhere ?? false)
  if (!props.non_unique) refuseTaken('user', props.uid, current?.uid_of ?? '', name)
  if ((changes.has('exists') || changes.has('shell')) && current?.shell_there === false) {
    throw new Failure('not-found', `shell ${shellOf(props)} is not there`, {
      about: name,
      hint: 'declare the package that brings it before it',
    })
  }
  const unlocks = props.locked === false && (changes.has('exists') || changes.has('locked'))
  if (unlocks && props.password === null && !current?.has_password) {
    throw new Failure('invalid', `user "${name}" has no password that could be unlocked`, {
      about: name,
      hint: 'declare a password, or leave "locked" out: without a password nobody logs in by one',
    })
  }
}

export function createSteps(
  name: string,
  props: UserProps,
  changes: Changes,
  current: UserSurroundings | null,
): Step[] {
  const { uid, group, groups, comment, expires, system, non_unique } = props
  const home = homeOf(name, props)
  const primary = group ?? (current?.own_group ? name : null)
  const argv = [
    ...(system ? ['--system'] : []),
    ...(uid === null ? [] : ['--uid', `${uid}`]),
    ...(uid !== null && non_unique ? ['--non-unique'] : []),
    ...(primary === null ? ['--user-group'] : ['--gid', primary]),
    ...(groups.length === 0 ? [] : ['--groups', asSet(groups).join(',')]),
    ...(comment === null ? [] : ['--comment', comment]),
    ...['--home-dir', home, ...homeFlags(props, current?.home_there ?? false)],
    ...['--shell', shellOf(props)],
    ...(expires === null || expires === 'never' ? [] : ['--expiredate', expires]),
  ]
  const touches: Key[] = [
    `user:${name}`,
    uid === null ? 'uid:*' : `uid:${uid}`,
    ...(primary === null ? [`group:${name}`, 'gid:*'] : []),
    ...groups.map((one) => `group:${one}`),
    ...homeKeys(home),
  ]
  return [
    accountCommand(['useradd', ...argv, '--', name], touches, groupKeys(props)),
    ...passwordSteps(name, props, changes, current),
    ...ageingSteps(name, props, changes),
  ]
}

function homeFlags(props: UserProps, there: boolean): string[] {
  // A home that stands already is taken as it is; useradd would only warn that it copies nothing into it.
  if (!createsHome(props) || there) return ['--no-create-home']
  return ['--create-home', '--skel', props.skeleton, '--key', `HOME_MODE=${homeModeOf(props)}`]
}

/** The groups that are named in a declaration. */
const groupKeys = ({ group, groups }: Pick<UserProps, 'group' | 'groups'>): Key[] =>
  [...(group === null ? [] : [group]), ...groups].map((one) => `group:${one}`)

const homeKeys = (home: string): Key[] => [`file:${home}`, `file:${home}/*`]

export function changeSteps(
  name: string,
  props: UserProps,
  changes: Changes,
  current: UserSurroundings,
): Step[] {
  const flags = usermodFlags(props, changes, current)
  const home = props.home ?? current.home
  const touches: Key[] = [
    `user:${name}`,
    ...(changes.has('uid') ? [`uid-of:${name}`, 'uid:*'] : []),
    ...(changes.has('groups') ? [...current.groups, ...props.groups].map((one) => `group:${one}`) : []),
    // usermod gives a home to the new uid and group, with what of it belonged to the old ones.
    ...(['uid', 'group', 'home'].some((field) => changes.has(field))
      ? [...homeKeys(current.home), ...homeKeys(home)]
      : []),
  ]
  const steps: Step[] =
    flags.length === 0 ? [] : [accountCommand(['usermod', ...flags, '--', name], touches, groupKeys(props))]
  steps.push(...passwordSteps(name, props, changes, current), ...ageingSteps(name, props, changes))
  const mode = homeModeOf(props)
  if (changes.has('home_there')) {
    const umask = (0o777 & ~Number.parseInt(mode, 8)).toString(8).padStart(4, '0')
    const argv = ['mkhomedir_helper', name, umask, props.skeleton, mode] as const
    steps.push(accountCommand(argv, homeKeys(home)))
  } else if (changes.has('home_mode')) steps.push({ do: 'chmod', path: home, mode })
  return steps
}

function usermodFlags(props: UserProps, changes: Changes, current: UserSurroundings): string[] {
  const { uid, group, comment, home, shell, expires, locked } = props
  const when = (field: string, ...flags: string[]) => (changes.has(field) ? flags : [])
  const groups = asSet(props.groups).filter((one) => props.only_groups || !current.groups.includes(one))
  return [
    ...when('uid', '--uid', `${uid}`, ...(props.non_unique ? ['--non-unique'] : [])),
    ...when('group', '--gid', `${group}`),
    ...when('groups', ...(props.only_groups ? [] : ['--append']), '--groups', groups.join(',')),
    ...when('comment', '--comment', `${comment}`),
    ...when('home', '--home', `${home}`, ...(props.move_home ? ['--move-home'] : [])),
    ...when('shell', '--shell', `${shell}`),
    ...when('expires', '--expiredate', expires === 'never' ? '' : `${expires}`),
    // A password that is set anyway is set locked or unlocked.
    ...(changes.has('password') ? [] : when('locked', locked ? '--lock' : '--unlock')),
  ]
}

function passwordSteps(
  name: string,
  { password, locked }: UserProps,
  changes: Changes,
  current: UserSurroundings | null,
): Step[] {
  if (password === null || !(changes.has('password') || changes.has('exists'))) return []
  // Who was locked by hand stays locked; a new user, who has nothing but the lock, does not.
  const keepsLock = locked ?? ((current?.locked ?? false) && (current?.has_password ?? false))
  const stdin = new Secret(`${name}:${keepsLock ? '!' : ''}${reveal(password)}\n`)
  return [{ ...accountCommand(['chpasswd', '--encrypted'], [`user:${name}`]), stdin }]
}

function ageingSteps(name: string, props: UserProps, changes: Changes): Step[] {
  const flags = (
    [
      ['password_min_days', '--mindays'],
      ['password_max_days', '--maxdays'],
      ['password_warn_days', '--warndays'],
      ['password_inactive_days', '--inactive'],
    ] as const
  ).flatMap(([field, flag]) => (changes.has(field) ? [flag, `${props[field]}`] : []))
  return flags.length === 0 ? [] : [accountCommand(['chage', ...flags, '--', name], [`user:${name}`])]
}

export function removeSteps(name: string, props: UserProps, current: UserSurroundings | null): Step[] {
  if (current?.uid === 0) {
    throw new Failure('denied', `user "${name}" has uid 0 and is not removed`, { about: name })
  }
  const home = current?.home ?? homeOf(name, props)
  const keepsHome = !props.remove_home || current?.home_of_other === true
  const gone: Key[] = [
    ...(keepsHome ? [] : homeKeys(home)),
    ...(props.remove_home ? [`file:/var/mail/${name}`] : []),
  ]
  const argv = ['userdel', ...(props.remove_home ? ['--remove'] : []), '--', name] as const
  const step = accountCommand(argv, [
    `user:${name}`,
    ...[`uid-of:${name}`, 'uid:*', `gid-of:${name}`, 'gid:*'],
    ...[name, ...(current?.groups ?? [])].map((one) => `group:${one}`),
    ...gone,
  ])
  return [
    // userdel leaves a home that belongs to somebody else, and exits with 12 as for one that it fails to remove.
    current?.home_of_other ? { ...step, exitCodes: [0, 12] } : step,
  ]
}
