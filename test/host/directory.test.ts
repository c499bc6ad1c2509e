import { hostTest } from './harness.ts'

hostTest('directory', {
  role: `
description: Directories of all kinds.
resources:
  - directory: /srv/app
    owner: daemon
    group: adm
    mode: "2750"
  - directory: /srv/app/below/deep
  - directory: /srv/app/below
  - directory: /srv/pure
    purge: true
    keep: [kept]
  - file: /srv/pure/declared
    content: declared
  - directory: /srv/pure/also
  - directory: /srv/owned
    owner: daemon
    group: null
    mode: null
    recurse: true
  - directory: /srv/forced
    force: true
  - directory: /srv/empty
    absent: true
  - directory: /srv/full
    absent: true
    recursive: true
`,
  before: async (host) => {
    await host.write('/srv/pure/stray/inside', 'x')
    await host.write('/srv/pure/kept', 'x')
    await host.write('/srv/owned/a/b/c', 'x')
    await host.must(['ln', '-s', '/etc/passwd', '/srv/owned/link'])
    await host.write('/srv/forced', 'a file')
    await host.must(['mkdir', '/srv/empty'])
    await host.write('/srv/full/a/b', 'x')
  },
  look: async (host, t) => {
    t.equal(await host.must(['stat', '-c', '%a %U %G', '/srv/app']), '2750 daemon adm\n')
    t.equal(
      await host.must(['stat', '-c', '%a %U', '/srv/app/below', '/srv/app/below/deep']),
      '755 root\n755 root\n',
    )
    t.equal(await host.must(['ls', '-A', '/srv/pure']), 'also\ndeclared\nkept\n')
    t.equal(await host.must(['find', '/srv/owned', '!', '-user', 'daemon', '!', '-type', 'l']), '')
    t.equal(
      await host.must(['stat', '-c', '%U', '/etc/passwd']),
      'root\n',
      'what a link leads to is left alone',
    )
    t.equal(await host.must(['stat', '-c', '%F', '/srv/forced']), 'directory\n')
    for (const gone of ['/srv/empty', '/srv/full']) t.not((await host.exec(['test', '-e', gone])).code, 0)
  },
  // What was in a directory that was removed with all of it is not kept.
  remains: [/^files \/srv\/(full|pure\/stray)[:/]/],
  hurts: [
    {
      id: 'directory:/srv/app',
      field: 'mode',
      hurt: (host) => host.hurt.chmod('/srv/app', '0777'),
      look: async (host, t) => t.equal(await host.must(['stat', '-c', '%a', '/srv/app']), '2750\n'),
    },
    {
      id: 'directory:/srv/app',
      field: 'owner',
      hurt: (host) => host.hurt.chown('/srv/app', 'games'),
      look: async (host, t) => t.equal(await host.must(['stat', '-c', '%U %a', '/srv/app']), 'daemon 2750\n'),
    },
    {
      id: 'directory:/srv/app',
      field: 'group',
      hurt: (host) => host.must(['chgrp', 'games', '/srv/app']),
      look: async (host, t) => t.equal(await host.must(['stat', '-c', '%G %a', '/srv/app']), 'adm 2750\n'),
    },
    {
      id: 'directory:/srv/app/below/deep',
      field: 'exists',
      hurt: (host) => host.hurt.remove('/srv/app/below/deep'),
      look: async (host, t) =>
        t.equal(await host.must(['stat', '-c', '%F', '/srv/app/below/deep']), 'directory\n'),
    },
    {
      id: 'directory:/srv/pure',
      field: 'undeclared',
      hurt: (host) => host.write('/srv/pure/new/one', 'x'),
      look: async (host, t) => t.equal(await host.must(['ls', '-A', '/srv/pure']), 'also\ndeclared\nkept\n'),
    },
    {
      id: 'directory:/srv/owned',
      field: 'owned_by_others',
      hurt: (host) => host.hurt.chown('/srv/owned/a/b/c', 'games'),
      look: async (host, t) => t.equal(await host.must(['stat', '-c', '%U', '/srv/owned/a/b/c']), 'daemon\n'),
    },
    {
      id: 'directory:/srv/forced',
      field: 'kind',
      hurt: async (host) => {
        await host.hurt.remove('/srv/forced')
        await host.must(['ln', '-s', '/srv/app', '/srv/forced'])
      },
      look: async (host, t) => {
        t.equal(await host.must(['stat', '-c', '%F', '/srv/forced']), 'directory\n')
        t.equal(await host.must(['stat', '-c', '%a', '/srv/app']), '2750\n')
      },
    },
    {
      id: 'directory:/srv/full',
      field: 'exists',
      hurt: (host) => host.write('/srv/full/again', 'x'),
      look: async (host, t) => t.not((await host.exec(['test', '-e', '/srv/full'])).code, 0),
    },
  ],
  after: async ({ host, role, check, apply }, t) => {
    await role(`
description: What is not removed unasked.
resources:
  - directory: /srv/owned
    absent: true
  - directory: /etc/hostname
  - directory: /srv/no/where
`)
    t.match((await check()).outcomes.slice(1), [
      { status: 'failed', code: 'conflict', hint: /force: true/ },
      { status: 'failed', code: 'not-found', hint: /declare directory:\/srv\/no before it/ },
    ])
    t.match((await apply()).outcomes[0], { status: 'failed', code: 'conflict', hint: /recursive: true/ })
    t.equal(await host.read('/srv/owned/a/b/c'), 'x')
  },
})
