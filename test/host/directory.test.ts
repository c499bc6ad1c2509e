import { hostTest } from './harness.ts'

const MODE = ['stat', '-c', '%a %U %G']

hostTest('directory', {
  role: `
description: Directories.
resources:
  - directory: /srv/app
    mode: "2750"
    owner: daemon
    group: adm
  - directory: /srv/app/conf.d
    purge: true
    keep: [by-hand.conf]
  - file: /srv/app/conf.d/ours.conf
    content: ours
  - directory: /srv/app/sub/deep
  - directory: /srv/app/sub
  - directory: /srv/app/owned
    owner: daemon
    recurse: true
  - directory: /srv/app/unmanaged
    mode: null
    owner: null
    group: null
  - directory: /srv/app/gone
    absent: true
    recursive: true
`,
  before: async (host) => {
    await host.write('/srv/app/conf.d/by-hand.conf', '')
    await host.write('/srv/app/conf.d/stray/file', '')
    await host.write('/srv/app/owned/a/b', '')
    await host.write('/srv/app/gone/a/b', '')
    await host.write('/srv/elsewhere', 'untouched\n')
    await host.must(['ln', '-s', '/srv/elsewhere', '/srv/app/gone/link'])
    await host.must(['ln', '-s', '/srv/elsewhere', '/srv/app/owned/link'])
    await host.must(['mkdir', '-m', '711', '/srv/app/unmanaged'])
  },
  look: async (host, t) => {
    t.equal(await host.must([...MODE, '/srv/app']), '2750 daemon adm\n')
    t.equal(await host.must(['ls', '/srv/app/conf.d']), 'by-hand.conf\nours.conf\n')
    t.equal(await host.must([...MODE, '/srv/app/owned/a/b']), '644 daemon root\n')
    t.equal(await host.must([...MODE, '/srv/app/unmanaged']), '711 root root\n')
    t.not((await host.exec(['test', '-e', '/srv/app/gone'])).code, 0)
    t.equal(await host.read('/srv/elsewhere'), 'untouched\n', 'no link is followed')
    t.equal(await host.must([...MODE, '/srv/elsewhere']), '644 root root\n')
  },
  hurts: [
    { id: 'directory:/srv/app', field: 'mode', hurt: (host) => host.hurt.chmod('/srv/app', '0777') },
    { id: 'directory:/srv/app', field: 'group', hurt: (host) => host.must(['chgrp', 'root', '/srv/app']) },
    {
      id: 'directory:/srv/app/conf.d',
      field: 'undeclared',
      hurt: (host) => host.write('/srv/app/conf.d/stray.conf', ''),
    },
    {
      id: 'directory:/srv/app/owned',
      field: 'owned_by_others',
      hurt: (host) => host.hurt.chown('/srv/app/owned/a', 'bin'),
    },
    {
      id: 'directory:/srv/app/sub/deep',
      field: 'exists',
      hurt: (host) => host.hurt.remove('/srv/app/sub/deep'),
    },
    {
      id: 'directory:/srv/app/gone',
      field: 'exists',
      hurt: (host) => host.write('/srv/app/gone/again', ''),
    },
  ],
  after: async ({ host, role, apply }, t) => {
    await role('description: x\nresources:\n  - directory: /srv/app/conf.d\n    absent: true\n')
    t.match((await apply()).outcomes[0], { status: 'failed', code: 'conflict', hint: /recursive: true/ })
    t.match(await host.must(['ls', '/srv/app/conf.d']), /ours/)
    await role('description: x\nresources:\n  - directory: /srv/elsewhere\n')
    t.match((await apply()).outcomes[0], { status: 'failed', code: 'conflict', hint: /force: true/ })
  },
})
