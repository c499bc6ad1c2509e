import t from 'tap'
import { parse } from 'valibot'
import type { Host, Stat } from '../../lib/host.ts'
import { digestOf } from '../../lib/passwords.ts'
import type { AnyState } from '../../lib/state.ts'
import { authorizedKeys } from '../../states/authorized-keys.ts'
import { group } from '../../states/group.ts'
import { sysctl } from '../../states/sysctl.ts'
import { user } from '../../states/user.ts'
import { ALICE, BOB } from '../helpers/keys.ts'

/** What the states of people and settings make of a host; that it is a real one is shown by test/host. */

const ageing = { min: 0, max: 90, warn: 7, inactive: null }
const APP = { name: 'app', uid: 1000, gid: 1000, comment: 'An app', home: '/srv/app', shell: '/bin/sh' }
const users = [
  { ...APP, password: '!$6$salt$hash', expires: 20_849, ageing },
  { ...APP, name: 'bob', uid: 1001, gid: 100, password: '*', expires: null, ageing },
]
const groups = [
  { name: 'app', gid: 1000, members: ['bob'] },
  { name: 'users', gid: 100, members: [] },
  { name: 'adm', gid: 4, members: ['app'] },
  { name: 'audio', gid: 29, members: ['app', 'bob'] },
]
const stat = (kind: Stat['kind'], mode: string, owner = 'root', group = 'root'): Stat => ({
  ...{ kind, mode, owner, group },
  ...{ bytes: 0, links: 1, target: null },
})
const FORWARD = '/proc/sys/net/ipv4/ip_forward'
const files: Record<string, { stat: Stat; text: string }> = {
  '/srv/app': { stat: stat('directory', '0750', 'app', 'app'), text: '' },
  '/srv/app/.ssh': { stat: stat('directory', '0700', 'app', 'app'), text: '' },
  '/srv/app/.ssh/authorized_keys': {
    stat: stat('file', '0600', 'app', 'users'),
    text: `# x\n${BOB}\n\n${ALICE}\n`,
  },
  '/bin/bash': { stat: stat('file', '0755'), text: '' },
  '/etc/passwd': { stat: stat('file', '0644'), text: 'app:x:1000:1000::/:\nbob:x:1001:100::/:\n' },
  [FORWARD]: { stat: stat('file', '0644'), text: '1\n' },
  '/proc/sys/vm/swappiness': { stat: stat('file', '0644'), text: '60\n' },
  '/proc/sys/kernel/osrelease': { stat: stat('file', '0444'), text: '6.1\n' },
  '/proc/sys/kernel/x': { stat: stat('file', '0644', 'nobody'), text: '4096\t87380\n' },
  '/proc/self/mountinfo': {
    stat: stat('file', '0444'),
    text: '1 0 0:1 / / rw\n2 1 0:2 / /proc rw\n3 2 0:2 /sys /proc/sys ro,nosuid\n4 3 0:2 /sys/net /proc/sys/net ro\n5 3 0:2 /sys/net /proc/sys/net rw\n6 3 0:2 /sys/kernel /proc/sys/kernel rw\n',
  },
  '/etc/sysctl.d/zz-drover-net.ipv4.ip_forward.conf': {
    stat: stat('file', '0600'),
    text: '# Kept by drover.\nnet.ipv4.ip_forward = 0\n',
  },
  '/etc/sysctl.d/zzz.conf': { stat: stat('file', '0644'), text: 'vm.swappiness = 5\n' },
  '/etc/sysctl.d/zzzz.conf': { stat: stat('link', '0777'), text: '' },
  '/usr/lib/sysctl.d/zzz.conf': { stat: stat('file', '0644'), text: 'vm.swappiness = 6\n' },
}

const host: Pick<
  Host,
  'user' | 'group' | 'groups' | 'userOf' | 'groupOf' | 'stat' | 'text' | 'list' | 'query'
> = {
  user: async (name) => users.find((one) => one.name === name) ?? null,
  group: async (name) => groups.find((one) => one.name === name) ?? null,
  groups: async () => groups,
  userOf: async (uid) => users.find((one) => one.uid === uid)?.name ?? null,
  groupOf: async (gid) => groups.find((one) => one.gid === gid)?.name ?? null,
  stat: async (path) => files[path]?.stat ?? null,
  text: async (path) => files[path]?.text ?? null,
  list: async (path) => {
    const inside = Object.keys(files).filter((file) => file.startsWith(`${path}/`))
    return inside.length === 0 ? null : inside.map((file) => file.slice(path.length + 1))
  },
  query: async (argv) => {
    const there = argv[3] === 'ldapper'
    const stdout = there ? 'ldapper:x:7001:7001::/:/bin/sh\n' : ''
    return {
      argv,
      code: there ? 0 : 2,
      signal: null,
      stdout,
      stderr: '',
      ms: 1,
      timedOut: false,
      missing: false,
    }
  },
}

const cases: { state: AnyState; name: string; declared: object; reads: object | null }[] = [
  { state: group, name: 'adm', declared: {}, reads: { exists: true, gid: 4, members: [], gid_of: '' } },
  {
    state: group,
    name: 'app',
    declared: { members: ['app', 'zoe'], only_members: true, gid: 4 },
    reads: { members: ['app', 'bob'], gid_of: 'adm' },
  },
  { state: group, name: 'app', declared: { members: ['app'] }, reads: { members: ['app'] } },
  { state: group, name: 'app', declared: { absent: true }, reads: { exists: true, primary_of: ['app'] } },
  { state: group, name: 'ldapper', declared: {}, reads: { exists: false, gid: null, elsewhere: true } },
  { state: group, name: 'new', declared: {}, reads: { exists: false, elsewhere: false } },
  {
    state: user,
    name: 'app',
    declared: { create_home: true, group: 'app', groups: ['app', 'users'], uid: 1001 },
    reads: {
      ...{ exists: true, uid: 1000, uid_of: 'bob', group: 'app', groups: ['app'], home: '/srv/app' },
      ...{ home_there: true, home_mode: '0750', shell: '/bin/sh', password: digestOf('$6$salt$hash') },
      ...{ locked: true, has_password: true, expires: '2027-01-31', password_max_days: 90, own_group: false },
    },
  },
  {
    state: user,
    name: 'app',
    declared: { only_groups: true, groups: ['app'] },
    reads: { groups: ['adm', 'app', 'audio'] },
  },
  { state: user, name: 'app', declared: { group: '1000' }, reads: { group: '1000' } },
  { state: user, name: 'app', declared: { group: 'users' }, reads: { group: 'app' } },
  { state: user, name: 'app', declared: { absent: true }, reads: { exists: true, groups: ['adm', 'audio'] } },
  {
    state: user,
    name: 'bob',
    declared: { group: 'adm', shell: '/bin/zsh' },
    reads: {
      group: 'users',
      locked: false,
      has_password: false,
      password: 'none',
      expires: 'never',
      shell_there: false,
    },
  },
  {
    state: user,
    name: 'users',
    declared: {},
    reads: {
      exists: false,
      own_group: true,
      locked: true,
      home: '/home/users',
      home_there: false,
      shell_there: true,
    },
  },
  { state: user, name: 'ldapper', declared: {}, reads: { exists: false, elsewhere: true } },
  {
    state: authorizedKeys,
    name: 'app',
    declared: { keys: [ALICE] },
    reads: {
      ...{
        exists: true,
        keys: ['# x', ALICE, BOB],
        mode: '0600',
        owner: 'app',
        own_group: false,
        group: 'app',
      },
      ...{
        folder_mode: '0700',
        folder_owner: 'app',
        folder_kind: 'directory',
        path: '/srv/app/.ssh/authorized_keys',
      },
    },
  },
  {
    state: authorizedKeys,
    name: 'app',
    declared: { keys: [ALICE], revoked: [BOB], exclusive: false },
    reads: { keys: [ALICE], revoked: [BOB] },
  },
  {
    state: authorizedKeys,
    name: 'new',
    declared: { keys: [] },
    reads: { exists: false, path: '', group: 'new' },
  },
  {
    state: authorizedKeys,
    name: 'new',
    declared: { keys: [], home: '/srv/new', group: 'users' },
    reads: { exists: false, path: '/srv/new/.ssh/authorized_keys', group: 'users', folder_kind: null },
  },
  {
    state: sysctl,
    name: 'net.ipv4.ip_forward',
    declared: { value: 1 },
    reads: { live: '1', persisted: '0', access: '0600 root root', overridden_by: '', writable: true },
  },
  {
    state: sysctl,
    name: 'vm.swappiness',
    declared: { value: 10 },
    reads: {
      live: '60',
      persisted: '5',
      access: null,
      overridden_by: '/etc/sysctl.d/zzz.conf',
      writable: false,
    },
  },
  {
    state: sysctl,
    name: 'vm.swappiness',
    declared: { value: 10, persist: false },
    reads: { persisted: null, overridden_by: '' },
  },
  {
    state: sysctl,
    name: 'kernel.osrelease',
    declared: { value: 1 },
    reads: { live: '6.1', writable: false },
  },
  { state: sysctl, name: 'kernel.x', declared: { value: 1 }, reads: { live: '4096 87380', writable: false } },
  { state: sysctl, name: 'net.none', declared: { value: 1 }, reads: { live: null } },
  { state: sysctl, name: 'net.none', declared: { value: 1, if_present: true }, reads: { live: '1' } },
  {
    state: sysctl,
    name: 'net.none',
    declared: { value: 1, live: false },
    reads: { live: null, persisted: null },
  },
  { state: sysctl, name: 'net.none', declared: { absent: true }, reads: null },
  {
    state: sysctl,
    name: 'net.ipv4.ip_forward',
    declared: { absent: true },
    reads: { live: null, persisted: '0' },
  },
]

for (const { state, name, declared, reads } of cases) {
  t.test(`${state.type}:${name} ${JSON.stringify(declared).slice(0, 60)}`, async (t) => {
    const reading = await state.read(name, parse(state.props, declared), host as Host)
    if (reads === null) return t.equal(reading, null)
    for (const [field, value] of Object.entries(reads)) t.same(reading[field], value, field)
    parse(state.fields, reading)
  })
}
