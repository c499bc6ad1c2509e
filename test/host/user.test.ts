import type { Test } from 'tap'
import type { Host } from '../bed/bed.ts'
import { type Drive, hostTest, matches, settled } from './harness.ts'

const HASH =
  '$6$saltsalt$EDrAYTcPCkhyZTTGYlZVwkqcZQzkoUJYlSZDYvPWeNSoTf3E.TYqUqhVDB1TpNTJvGX9Fb7hS35T1YzRnyZ8X0'

hostTest('user', {
  role: `
description: Users of all kinds.
resources:
  - group: team
  - user: plain
    shell: /bin/bash
  - user: service
    system: true
    home: /srv/service
  - user: alice
    uid: 2001
    group: team
    groups: [adm, audio]
    comment: Alice Martin
    home: /srv/people/alice
    create_home: true
    home_mode: "0750"
    shell: /bin/sh
    password: "${HASH}"
    locked: false
    expires: "2031-05-01"
    password_min_days: 1
    password_max_days: 90
    password_warn_days: 14
    password_inactive_days: 30
    needs: directory:/srv/people
  - directory: /srv/people
  - user: strict
    groups: [audio]
    only_groups: true
    system: true
  - user: once
    password: "${HASH}"
    password_once: true
  - user: games
    groups: [team]
  - user: gone
    absent: true
    remove_home: true
`,
  before: async (host) => {
    await host.must(['useradd', '--create-home', 'gone'])
    await host.must(['useradd', '--create-home', '--shell', '/bin/sh', 'strict'])
    await host.must(['usermod', '-aG', 'audio,video', 'strict'])
  },
  look: async (host, t) => {
    const entry = async (name: string) => (await host.must(['getent', 'passwd', name])).trim()
    t.match(await entry('plain'), /^plain:x:\d+:\d+::\/home\/plain:\/bin\/bash$/)
    t.equal(await host.must(['stat', '-c', '%a %U %G', '/home/plain']), '700 plain plain\n')
    t.match(await host.must(['ls', '-A', '/home/plain']), /\.bashrc/)
    t.match(await entry('service'), /^service:x:\d{3}:\d{3}::\/srv\/service:\/usr\/sbin\/nologin$/)
    t.not((await host.exec(['test', '-e', '/srv/service'])).code, 0)
    t.match(await entry('alice'), /^alice:x:2001:\d+:Alice Martin:\/srv\/people\/alice:\/bin\/sh$/)
    t.equal(await host.must(['id', '-nG', 'alice']), 'team adm audio\n')
    t.equal(await host.must(['stat', '-c', '%a %U %G', '/srv/people/alice']), '750 alice team\n')
    t.match(await host.must(['chage', '-l', 'alice']), /Account expires\s*: May 01, 2031/)
    t.match(await host.must(['getent', 'shadow', 'alice']), `alice:${HASH}:`)
    t.equal(await host.must(['id', '-nG', 'strict']), 'strict audio\n')
    t.equal((await entry('strict')).split(':')[6], '/bin/sh', 'what is left out is left as it is')
    t.match(await entry('games'), /^games:x:5:60:games:\/usr\/games:\/usr\/sbin\/nologin$/)
    t.equal((await host.exec(['getent', 'passwd', 'gone'])).code, 2)
    t.not((await host.exec(['test', '-e', '/home/gone'])).code, 0)
    await host.must(['chpasswd', '-e'], { stdin: `once:${HASH}2\n` })
  },
  // Those that went and came back stand at another place; a password is not kept.
  remains: [
    /^files \/etc\/(passwd|shadow|group|gshadow|subuid|subgid): file/,
    /^files \/home\/gone[:/]/,
    /^gone:/,
  ],
  hurts: [
    {
      id: 'user:plain',
      field: 'exists',
      hurt: (host) => host.must(['userdel', '--remove', 'plain']),
      look: async (host, t) => t.equal(await host.must(['stat', '-c', '%U', '/home/plain']), 'plain\n'),
    },
    {
      id: 'user:plain',
      field: 'shell',
      hurt: (host) => host.must(['chsh', '-s', '/bin/sh', 'plain']),
      look: async (host, t) => t.match(await host.must(['getent', 'passwd', 'plain']), /:\/bin\/bash$/m),
    },
    {
      id: 'user:alice',
      field: 'uid',
      hurt: (host) => host.must(['usermod', '--uid', '2050', 'alice']),
      look: async (host, t) => {
        t.equal(await host.must(['id', '-u', 'alice']), '2001\n')
        t.equal(await host.must(['stat', '-c', '%u', '/srv/people/alice/.bashrc']), '2001\n')
      },
    },
    {
      id: 'user:alice',
      field: 'group',
      hurt: (host) => host.must(['usermod', '--gid', 'users', 'alice']),
      look: async (host, t) => t.equal(await host.must(['id', '-ng', 'alice']), 'team\n'),
    },
    {
      id: 'user:alice',
      field: 'groups',
      hurt: (host) => host.must(['gpasswd', '-d', 'alice', 'audio']),
      look: async (host, t) => t.equal(await host.must(['id', '-nG', 'alice']), 'team adm audio\n'),
    },
    {
      id: 'user:strict',
      field: 'groups',
      hurt: (host) => host.must(['gpasswd', '-a', 'strict', 'video']),
      look: async (host, t) => t.equal(await host.must(['id', '-nG', 'strict']), 'strict audio\n'),
    },
    {
      id: 'user:alice',
      field: 'comment',
      hurt: (host) => host.must(['usermod', '--comment', 'Mallory', 'alice']),
      look: async (host, t) => t.match(await host.must(['getent', 'passwd', 'alice']), /:Alice Martin:/),
    },
    {
      id: 'user:alice',
      field: 'home',
      hurt: async (host) => {
        await host.must(['mkdir', '/home/other'])
        await host.must(['usermod', '--home', '/home/other', 'alice'])
      },
      look: async (host, t) =>
        t.match(await host.must(['getent', 'passwd', 'alice']), /:\/srv\/people\/alice:/),
    },
    {
      id: 'user:alice',
      field: 'home_mode',
      hurt: (host) => host.hurt.chmod('/srv/people/alice', '0755'),
      look: async (host, t) => t.equal(await host.must(['stat', '-c', '%a', '/srv/people/alice']), '750\n'),
    },
    {
      id: 'user:alice',
      field: 'password',
      hurt: (host) => host.must(['chpasswd'], { stdin: 'alice:hunter2\n' }),
      look: async (host, t) => t.match(await host.must(['getent', 'shadow', 'alice']), `alice:${HASH}:`),
    },
    {
      id: 'user:alice',
      field: 'locked',
      hurt: (host) => host.must(['passwd', '--lock', 'alice']),
      look: async (host, t) => t.match(await host.must(['passwd', '--status', 'alice']), /^alice P /),
    },
    {
      id: 'user:alice',
      field: 'expires',
      hurt: (host) => host.must(['chage', '--expiredate', '-1', 'alice']),
      look: async (host, t) =>
        t.match(await host.must(['chage', '-l', 'alice']), /Account expires\s*: May 01, 2031/),
    },
    ...(
      [
        ['password_min_days', '--mindays', /Minimum.*: 1$/m],
        ['password_max_days', '--maxdays', /Maximum.*: 90$/m],
        ['password_warn_days', '--warndays', /warning.*: 14$/m],
      ] as const
    ).map(([field, flag, says]) => ({
      id: 'user:alice' as const,
      field,
      hurt: (host: Host) => host.must(['chage', flag, '77', 'alice']),
      look: async (host: Host, t: Test) => t.match(await host.must(['chage', '-l', 'alice']), says),
    })),
    {
      id: 'user:alice',
      field: 'password_inactive_days',
      hurt: (host) => host.must(['chage', '--inactive', '-1', 'alice']),
      look: async (host, t) => t.equal((await host.must(['getent', 'shadow', 'alice'])).split(':')[6], '30'),
    },
    {
      id: 'user:gone',
      field: 'exists',
      hurt: (host) => host.must(['useradd', '--create-home', 'gone']),
      look: async (host, t) => t.equal((await host.exec(['getent', 'passwd', 'gone'])).code, 2),
    },
  ],
  after: async (drive, t) => {
    await t.test('a home that is gone is made again', (t) => remadeHome(drive, t))
    await t.test('what a plan shows of users that it makes itself', (t) => together(drive, t))
    await t.test("what can't be done is said before anything is", (t) => refused(drive, t))
    await t.test('a home that userdel leaves is not always a failure', (t) => leftHomes(drive, t))
    await t.test('a user from another source is left to it', (t) => elsewhere(drive, t))
    await t.test('tools that hold the account files are waited for', (t) => locked(drive, t))
    await t.test('no hash is in what is shown or kept', (t) => hidden(drive, t))
  },
})

async function remadeHome({ host, role, check, apply }: Drive, t: Test): Promise<void> {
  await role(`
description: A home with a skeleton and a mode of its own.
resources:
  - user: alice
    create_home: true
    home_mode: "0711"
    skeleton: /srv/skeleton
`)
  await host.write('/srv/skeleton/welcome', 'hello\n')
  await host.must(['rm', '-r', '/srv/people/alice'])
  const shown = await check()
  t.match(shown.outcomes, [{ changes: [{ field: 'home_there' }, { field: 'home_mode' }], after: [] }])
  matches(t, shown, await apply())
  t.equal(await host.must(['stat', '-c', '%a %U %G', '/srv/people/alice']), '711 alice team\n')
  t.equal(await host.must(['stat', '-c', '%U', '/srv/people/alice/welcome']), 'alice\n')
  await role(`
description: A home that moves.
resources:
  - user: alice
    home: /srv/moved
    move_home: true
`)
  matches(t, await check(), await apply())
  t.equal(await host.read('/srv/moved/welcome'), 'hello\n')
  t.not((await host.exec(['test', '-e', '/srv/people/alice'])).code, 0)
}

/** It exits alike for a home that it rightly leaves, and for one that it can't remove. */
async function leftHomes({ host, role, check, apply }: Drive, t: Test): Promise<void> {
  for (const name of ['leaver', 'mounted']) await host.must(['useradd', '--create-home', name])
  await host.must(['chown', 'root', '/home/leaver'])
  await host.must(['mount', '-t', 'tmpfs', 'none', '/home/mounted'])
  await host.must(['chown', 'mounted', '/home/mounted'])
  await role(`
description: Users that go.
resources:
  - user: [leaver, mounted]
    absent: true
    remove_home: true
`)
  const shown = await check()
  t.match(shown.outcomes, [
    { status: 'planned', after: [] },
    { status: 'planned', after: [] },
  ])
  const applied = await apply()
  const reason = /"userdel --remove -- mounted" exited 12.*error removing directory/s
  t.match(applied.outcomes, [{ status: 'changed' }, { status: 'failed', reason }])
  t.equal(await host.must(['stat', '-c', '%U', '/home/leaver']), 'root\n')
  settled(t, await check())
  await host.must(['umount', '/home/mounted'])
}

/** Users and groups of one catalog: what depends on what an earlier one is given is marked, and nothing else. */
async function together({ host, role, check, apply }: Drive, t: Test): Promise<void> {
  await role(`
description: Groups and users that need each other.
resources:
  - group: crew
  - group: pilots
    members: [amelia]
  - user: [amelia, bessie]
    group: crew
  - user: crewless
    groups: [crew]
`)
  const shown = await check()
  t.notOk(
    shown.outcomes.some(({ status }) => status === 'failed'),
    'what the same plan makes is taken for there',
  )
  matches(t, shown, await apply())
  settled(t, await check())
  t.equal(await host.must(['id', '-nG', 'amelia']), 'crew pilots\n')
  t.equal(await host.must(['id', '-nG', 'crewless']), 'crewless crew\n')
}

async function refused({ host, role, check, apply }: Drive, t: Test): Promise<void> {
  await host.must(['systemd-run', '--uid=bessie', '--unit=busy', '--', 'sleep', '600'])
  await role(`
description: Users that can't be.
resources:
  - user: late
    uid: 5
  - user: shelled
    shell: /bin/zsh
  - user: grouped
    groups: [nobody-knows]
  - user: service
    locked: false
  - user: root
    absent: true
  - user: bessie
    absent: true
`)
  t.match((await check()).outcomes, [
    { status: 'failed', code: 'conflict', reason: 'uid 5 belongs to user "games"' },
    { status: 'failed', code: 'not-found', reason: 'shell /bin/zsh is not there' },
    { status: 'failed', code: 'not-found', reason: 'group "nobody-knows" is unknown on this host' },
    { status: 'failed', code: 'invalid', reason: 'user "service" has no password that could be unlocked' },
    { status: 'failed', code: 'denied', reason: 'user "root" has uid 0 and is not removed' },
    { status: 'planned' },
  ])
  const before = await host.read('/etc/passwd')
  t.match((await apply()).outcomes[5], {
    status: 'failed',
    reason: /bessie is currently used by process \d+/,
  })
  t.equal(await host.read('/etc/passwd'), before)
  await host.must(['systemctl', 'stop', 'busy.service'])
}

async function elsewhere({ host, role, check }: Drive, t: Test): Promise<void> {
  await host.must(['apt-get', 'install', '-y', '-q', 'libnss-extrausers'], { timeoutMs: 120_000 })
  await host.must([
    'sed',
    '-i',
    '-E',
    's/^(passwd|group|shadow):.*/\\1: files extrausers/',
    '/etc/nsswitch.conf',
  ])
  await host.write('/var/lib/extrausers/passwd', 'ldapper:x:7001:7001::/home/ldapper:/bin/sh\n')
  await host.write('/var/lib/extrausers/group', 'ldapper:x:7001:\n')
  await role(`
description: Accounts from elsewhere.
resources:
  - user: ldapper
    group: users
  - group: ldapper
  - user: ldapper2
    absent: true
`)
  t.match((await check()).outcomes, [
    {
      id: 'user:ldapper',
      status: 'failed',
      code: 'conflict',
      reason: /comes from another source, such as LDAP/,
    },
    { id: 'group:ldapper', status: 'failed', code: 'conflict', reason: /comes from another source/ },
    { status: 'settled' },
  ])
}

// What lckpwdf(3) does: a lock on the whole file, which ends with the process.
const HOLD = `#!/usr/bin/perl
use Fcntl;
open F, '>>', '/etc/.pwd.lock' or die $!;
my $lock = pack 's s q q i', F_WRLCK, 0, 0, 0, 0;
fcntl(F, F_SETLKW, $lock) or die $!;
open H, '>', '/run/held';
close H;
sleep 3;
`

async function locked({ host, role, apply }: Drive, t: Test): Promise<void> {
  await role(`
description: A user that has to wait.
resources:
  - user: patient
`)
  await host.write('/srv/hold', HOLD, { mode: '0755' })
  await host.must(['systemd-run', '--unit=hold', '/srv/hold'])
  await host.must(['sh', '-c', 'until test -e /run/held; do sleep 0.05; done'])
  const started = performance.now()
  t.match((await apply()).outcomes, [{ status: 'changed' }])
  t.ok(performance.now() - started > 2000, 'it waited')
  t.match(await host.must(['getent', 'passwd', 'patient']), /^patient:/)
}

async function hidden({ host, role, check }: Drive, t: Test): Promise<void> {
  await role(`
description: A password that is another one.
resources:
  - user: patient
    password: "${HASH}"
`)
  const shown = await check()
  t.match(shown.outcomes, [{ changes: [{ field: 'password', from: 'none', to: /^sha256:[0-9a-f]{16}$/ }] }])
  const text = await host.exec([
    'drover',
    'local',
    'apply',
    '/srv/site',
    '--host',
    'h',
    '--yes',
    '--output',
    'wide',
  ])
  t.equal(text.code, 0)
  t.match(await host.must(['getent', 'shadow', 'patient']), `patient:${HASH}:`)
  const kept = await host.exec(['grep', '-rlF', HASH.slice(12, 40), '/var/lib/drover', '/var/log'])
  t.equal(kept.stdout, '', 'it is in no file of drover and in no log')
  for (const said of [JSON.stringify(shown), text.stdout, text.stderr])
    t.notOk(said.includes(HASH.slice(12, 40)))
}
