import { hostTest } from './harness.ts'

hostTest('link', {
  role: `
description: Links of all kinds.
resources:
  - link: /srv/relative
    to: ../etc/hostname
  - link: /srv/absolute
    to: /etc/hostname
  - link: /srv/dangling
    to: /srv/nothing
  - link: /srv/swapped
    to: /srv/new
  - link: /srv/forced
    to: /srv/new
    force: true
  - link: /srv/gone
    absent: true
`,
  before: async (host) => {
    await host.must(['ln', '-s', '/srv/old', '/srv/swapped'])
    await host.must(['ln', '-s', '/srv/old', '/srv/gone'])
    await host.write('/srv/old/kept', 'x')
    await host.write('/srv/forced/inside', 'x')
  },
  look: async (host, t) => {
    t.equal(await host.must(['cat', '/srv/relative']), await host.read('/etc/hostname'))
    const links = ['relative', 'absolute', 'dangling', 'swapped', 'forced'].map((name) => `/srv/${name}`)
    t.equal(
      await host.must(['readlink', '--', ...links]),
      '../etc/hostname\n/etc/hostname\n/srv/nothing\n/srv/new\n/srv/new\n',
    )
    t.not((await host.exec(['test', '-L', '/srv/gone'])).code, 0)
    t.equal(await host.read('/srv/old/kept'), 'x', 'what a link led to is left alone')
  },
  // What was in a directory that was forced away is not kept.
  remains: [/^files \/srv\/forced[:/]/],
  hurts: [
    {
      id: 'link:/srv/absolute',
      field: 'target',
      hurt: (host) => host.must(['ln', '-sf', '/etc/shadow', '/srv/absolute']),
      look: async (host, t) => t.equal(await host.must(['readlink', '/srv/absolute']), '/etc/hostname\n'),
    },
    {
      id: 'link:/srv/absolute',
      field: 'exists',
      hurt: (host) => host.hurt.remove('/srv/absolute'),
      look: async (host, t) => t.equal(await host.must(['readlink', '/srv/absolute']), '/etc/hostname\n'),
    },
    {
      id: 'link:/srv/forced',
      field: 'kind',
      hurt: async (host) => {
        await host.hurt.remove('/srv/forced')
        await host.write('/srv/forced', 'x')
      },
      look: async (host, t) => t.equal(await host.must(['readlink', '/srv/forced']), '/srv/new\n'),
    },
    {
      id: 'link:/srv/gone',
      field: 'exists',
      hurt: (host) => host.must(['ln', '-s', 'x', '/srv/gone']),
      look: async (host, t) => t.not((await host.exec(['test', '-L', '/srv/gone'])).code, 0),
    },
  ],
  after: async ({ host, role, check, apply }, t) => {
    await role(`
description: A file that nobody said may go.
resources:
  - link: /etc/hostname
    to: /srv/new
  - link: /etc/motd
    absent: true
`)
    const before = await host.must(['stat', '-c', '%F', '/etc/hostname', '/etc/motd'])
    for (const run of [check, apply]) {
      t.match((await run()).outcomes, [
        { status: 'failed', code: 'conflict', hint: /force: true/ },
        { status: 'failed', code: 'conflict', hint: /force: true/ },
      ])
    }
    t.equal(await host.must(['stat', '-c', '%F', '/etc/hostname', '/etc/motd']), before)
  },
})
