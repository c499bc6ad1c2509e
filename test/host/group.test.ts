import { hostTest } from './harness.ts'

hostTest('group', {
  role: `
description: Groups of all kinds.
resources:
  - group: plain
  - group: numbered
    gid: 2345
  - group: services
    system: true
  - group: team
    members: [daemon, games]
  - group: closed
    members: [www-data]
    only_members: true
  - group: empty
    only_members: true
  - group: twin
    gid: 29
    non_unique: true
  - group: gone
    absent: true
`,
  before: async (host) => {
    await host.must(['groupadd', 'gone'])
    await host.must(['groupadd', 'team'])
    await host.must(['usermod', '-aG', 'team', 'mail'])
  },
  look: async (host, t) => {
    const entry = async (name: string) => (await host.must(['getent', 'group', name])).trim()
    t.match(await entry('plain'), /^plain:x:1\d{3}:$/)
    t.equal(await entry('numbered'), 'numbered:x:2345:')
    t.match(await entry('services'), /^services:x:\d{3}:$/)
    t.match(await entry('team'), /:mail,daemon,games$/, 'members are added')
    t.match(await entry('closed'), /:www-data$/)
    t.match(await host.must(['grep', '^twin:', '/etc/group']), /^twin:x:29:/)
    t.equal((await host.exec(['getent', 'group', 'gone'])).code, 2)
  },
  // Those that went and came back stand at another place; a password is not kept.
  remains: [/^files \/etc\/(passwd|shadow|group|gshadow|subuid|subgid): file/],
  hurts: [
    {
      id: 'group:plain',
      field: 'exists',
      hurt: (host) => host.must(['groupdel', 'plain']),
      look: async (host, t) => t.match(await host.must(['getent', 'group', 'plain']), /^plain:x:/),
    },
    {
      id: 'group:services',
      field: 'exists',
      hurt: (host) => host.must(['groupdel', 'services']),
      look: async (host, t) =>
        t.match(await host.must(['getent', 'group', 'services']), /^services:x:\d{3}:/),
    },
    {
      id: 'group:numbered',
      field: 'gid',
      hurt: (host) => host.must(['groupmod', '-g', '2400', 'numbered']),
      look: async (host, t) =>
        t.match(await host.must(['grep', '^numbered:', '/etc/group']), /^numbered:x:2345:/),
    },
    {
      id: 'group:team',
      field: 'members',
      hurt: (host) => host.must(['gpasswd', '-d', 'games', 'team']),
      look: async (host, t) => t.match(await host.must(['id', '-nG', 'games']), /\bteam\b/),
    },
    {
      id: 'group:closed',
      field: 'members',
      hurt: (host) => host.must(['gpasswd', '-a', 'games', 'closed']),
      look: async (host, t) => {
        t.match(await host.must(['getent', 'group', 'closed']), /:www-data$/m)
        t.match(await host.must(['getent', 'gshadow', 'closed']), /:www-data$/m)
      },
    },
    {
      id: 'group:empty',
      field: 'members',
      hurt: (host) => host.must(['gpasswd', '-a', 'games', 'empty']),
      look: async (host, t) => t.match(await host.must(['getent', 'group', 'empty']), /:$/m),
    },
    {
      id: 'group:gone',
      field: 'exists',
      hurt: (host) => host.must(['groupadd', 'gone']),
      look: async (host, t) => t.equal((await host.exec(['getent', 'group', 'gone'])).code, 2),
    },
  ],
  after: async ({ host, role, check }, t) => {
    await host.must(['useradd', '--user-group', '--no-create-home', 'alone'])
    await role(`
description: What can't be done is said before anything is.
resources:
  - group: new
    gid: 2345
  - group: other
    members: [nobody-knows]
  - group: alone
    absent: true
`)
    t.match((await check()).outcomes, [
      { status: 'failed', code: 'conflict', reason: 'gid 2345 belongs to group "numbered"' },
      { status: 'failed', code: 'not-found', reason: 'user "nobody-knows" is unknown on this host' },
      { status: 'failed', code: 'conflict', reason: 'group "alone" is the primary group of alone' },
    ])
  },
})
