import * as v from 'valibot'
import { AccountId, asSet, isElsewhere, managed } from '../lib/accounts.ts'
import { AccountName, Mode, OwnerName, Path } from '../lib/names.ts'
import { digestOf, isDate, PasswordHash } from '../lib/passwords.ts'
import { above, absent } from '../lib/paths.ts'
import { defineState } from '../lib/state.ts'
import { accountOf, groupsOf, isOfOther, isThere, membershipsOf, primaryOf } from '../lib/user-reading.ts'
import { restoreUser } from '../lib/user-restore.ts'
import { changeSteps, createSteps, homeOf, refuseUser, removeSteps, shellOf } from '../lib/user-steps.ts'

const Days = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(99_999))
const optional = <S extends v.GenericSchema>(schema: S, description: string) =>
  v.optional(v.nullable(v.pipe(schema, v.description(description))), null)
const flag = (description: string) => v.optional(v.pipe(v.boolean(), v.description(description)), false)

/**
 * A user of this host: an account in /etc/passwd with its groups, home, shell and password.
 *
 * What is left out is what Debian's `adduser` gives a new user (a group of the same name, /home/NAME with mode 0700,
 * /bin/bash; for a system user no home and no login shell), and is not managed afterwards: a user that a package has
 * made keeps its shell. A new `uid` or `group` takes the home along, and no other file: look for those by
 * `find / -xdev -uid OLD`. `userdel` and a new `uid` fail while the user has processes. Accounts from LDAP and the
 * like are not managed, and no user of their name is made. A `password` is a hash and is shown as a digest only.
 */
export const user = defineState({
  type: 'user',
  name: AccountName,

  props: v.strictObject({
    uid: optional(AccountId, 'Its number; left out, the next free one.'),
    group: optional(
      OwnerName,
      'Its primary group, by name or by number in quotes; left out, one of its own.',
    ),
    groups: v.optional(v.pipe(v.array(AccountName), v.description('Other groups that it is in.')), []),
    only_groups: flag('It is in no other group than `group` and `groups`.'),
    comment: optional(
      v.pipe(v.string(), v.regex(/^[^:\r\n\0]*$/, 'a comment is one line without ":"')),
      'Its full name, or what it is for.',
    ),
    home: optional(
      v.pipe(Path, v.regex(/^[^:\r\n]*$/, 'a home has no ":" in it')),
      'Its home directory. A home that is there already is taken as it is.',
    ),
    move_home: flag('When `home` changes, the old one is moved there with all that is in it.'),
    create_home: optional(
      v.boolean(),
      'A new user is given a home; left out, unless `system`. `true`: a home that is missing later on is made again.',
    ),
    home_mode: optional(
      Mode,
      'Mode of a home that is made, "0700" when left out. With `create_home: true` it is kept afterwards.',
    ),
    skeleton: v.optional(v.pipe(Path, v.description('What a home that is made begins with.')), '/etc/skel'),
    shell: optional(Path, 'Its login shell.'),
    system: flag('A new user has a number from the range of the system.'),
    password: optional(PasswordHash, 'The hash of its password, such as `mkpasswd` makes, or `*` for none.'),
    password_once: flag('`password` is given to a new user only, who may change it.'),
    locked: optional(
      v.boolean(),
      'Nobody logs in by its password; keys still work. To close an account, let it expire.',
    ),
    expires: optional(
      v.pipe(v.string(), v.check(isDate, 'a date is such as "2027-01-31", or "never"')),
      'The first day on which nobody logs in as it, such as "2027-01-31", or "never".',
    ),
    password_min_days: optional(Days, 'Days before a password may be changed again.'),
    password_max_days: optional(Days, 'Days after which a password has to be changed.'),
    password_warn_days: optional(Days, 'Days of warning before that.'),
    password_inactive_days: optional(Days, 'Days after that in which a password is still accepted.'),
    non_unique: flag('`uid` may be the number of another user as well.'),
    absent,
    remove_home: flag(
      'With `absent`: its home and mail go with it. A home that belongs to another user stays.',
    ),
  }),

  sensitive: { password: '*' },

  fields: v.strictObject({
    exists: v.boolean(),
    uid: v.nullable(v.number()),
    group: v.string(),
    groups: v.array(v.string()),
    comment: v.string(),
    home: v.string(),
    home_there: v.boolean(),
    /** With `remove_home`: it belongs to another user, and stays. */
    home_of_other: v.boolean(),
    home_mode: v.string(),
    shell: v.string(),
    password: v.string(),
    locked: v.boolean(),
    expires: v.string(),
    password_min_days: v.nullable(v.number()),
    password_max_days: v.nullable(v.number()),
    password_warn_days: v.nullable(v.number()),
    password_inactive_days: v.nullable(v.number()),
    has_password: v.boolean(),
    elsewhere: v.boolean(),
    /** Who else has the declared uid, empty when it is free. */
    uid_of: v.string(),
    own_group: v.boolean(),
    shell_there: v.boolean(),
  }),

  sets: ['groups'],

  desired(_name, props) {
    if (props.absent) return { exists: false }
    const { groups, only_groups, create_home, home_mode, password, password_once } = props
    const { uid, group, comment, home, shell, locked, expires } = props
    const { password_min_days, password_max_days, password_warn_days, password_inactive_days } = props
    return managed({
      exists: true,
      ...{ uid, group, comment, home, shell, locked, expires },
      groups: groups.length > 0 || only_groups ? asSet(groups) : null,
      home_there: create_home || null,
      home_mode: create_home ? home_mode : null,
      password: password === null || password_once ? null : digestOf(password),
      ...{ password_min_days, password_max_days, password_warn_days, password_inactive_days },
    })
  },

  async read(name, props, host) {
    const user = await host.user(name)
    const home = user?.home ?? homeOf(name, props)
    const looksAtHome = user === null || props.create_home === true
    const stat = looksAtHome && !props.absent ? await host.stat(props.home ?? home) : null
    const { uid } = props
    return {
      exists: user !== null,
      ...accountOf(user),
      home,
      home_there: stat !== null,
      home_of_other: props.absent && props.remove_home && user !== null && (await isOfOther(user, host)),
      home_mode: stat?.mode ?? '',
      group: await primaryOf(user, props, host),
      groups: user === null ? [] : await membershipsOf(user, props, host),
      elsewhere: user === null && !props.absent && (await isElsewhere('user', name, host)),
      uid_of: uid === null || user?.uid === uid ? '' : ((await host.userOf(uid)) ?? ''),
      own_group: user === null && props.group === null && (await host.group(name)) !== null,
      shell_there: props.absent || (await isThere(user, shellOf(props), host)),
    }
  },

  steps(name, props, changes, current) {
    if (props.absent) return removeSteps(name, props, current)
    refuseUser(name, props, changes, current)
    if (current === null || changes.has('exists')) return createSteps(name, props, changes, current)
    return changeSteps(name, props, changes, current)
  },

  watches: () => [{ path: '/etc/passwd' }, { path: '/etc/shadow' }, { path: '/etc/group' }],

  requires: (name, props) => [
    ...[...groupsOf(props), ...(props.group === null ? [name] : [])].map(
      (group) => `group:${group}` as const,
    ),
    ...(props.home === null ? [] : above(props.home)),
  ],

  restore: (name, props, former) => restoreUser(name, props, former),

  sharesPaths: true,

  examples: [
    `user: alice
comment: Alice Martin
groups: [adm, sudo]
password: "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7"`,
    `user: app
system: true
home: /srv/app`,
    `user: bob
absent: true
remove_home: true`,
  ],
})
