import { hostTest } from './harness.ts'

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
      hurt: (host: import('../bed/bed.ts').Host) => host.must(['chage', flag, '77', 'alice']),
      look: async (host: import('../bed/bed.ts').Host, t: import('tap').Test) =>
        t.match(await host.must(['chage', '-l', 'alice']), says),
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
})
