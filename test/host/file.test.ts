import { hostTest } from './harness.ts'

hostTest('file', {
  role: `
description: Files of all kinds.
resources:
  - directory: /srv/app
  - file: /srv/app/config
    content: |
      key = value
    mode: "0640"
    owner: daemon
    group: adm
    backup: /srv/app/config.old
  - file: /etc/motd
    source: motd
  - file: /srv/app/once
    content: first
    once: true
  - file: /srv/app/unmanaged
    mode: null
    owner: null
    group: null
  - file: /srv/app/link
    content: no link
  - file: /etc/issue.net
    absent: true
  - file: /etc/sudoers.d/deploy
    content: "deploy ALL=(ALL) NOPASSWD: ALL\\n"
    mode: "0440"
    needs: directory:/etc/sudoers.d
    validate: grep -q deploy %s
  - directory: /etc/sudoers.d
`,
  files: { 'files/motd': 'This host is kept by drover.\n' },
  before: async (host) => {
    await host.write('/srv/elsewhere', 'untouched\n')
    await host.must(['mkdir', '-p', '/srv/app'])
    await host.must(['ln', '-s', '/srv/elsewhere', '/srv/app/link'])
  },
  look: async (host, t) => {
    t.equal(await host.must(['stat', '-c', '%a %U %G', '/srv/app/config']), '640 daemon adm\n')
    t.equal(await host.read('/etc/motd'), 'This host is kept by drover.\n')
    t.equal(await host.read('/srv/elsewhere'), 'untouched\n', 'a link is replaced, not followed')
    t.equal(await host.must(['stat', '-c', '%F', '/srv/app/link']), 'regular file\n')
    t.not((await host.exec(['test', '-e', '/etc/issue.net'])).code, 0)
  },
  hurts: [
    {
      id: 'file:/srv/app/config',
      field: 'sha256',
      hurt: (host) => host.hurt.append('/srv/app/config', 'key = other\n'),
      look: async (host, t) => {
        t.equal(await host.must(['sha256sum', '/srv/app/config']), `${SHA256}  /srv/app/config\n`)
        t.equal(await host.must(['stat', '-c', '%a %U %G', '/srv/app/config']), '640 daemon adm\n')
        t.equal(await host.read('/srv/app/config.old'), 'key = value\nkey = other\n', 'the old one is kept')
      },
    },
    {
      id: 'file:/srv/app/config',
      field: 'mode',
      hurt: (host) => host.hurt.chmod('/srv/app/config', '0666'),
      look: async (host, t) => t.equal(await host.must(['stat', '-c', '%a', '/srv/app/config']), '640\n'),
    },
    {
      id: 'file:/srv/app/config',
      field: 'owner',
      hurt: (host) => host.hurt.chown('/srv/app/config', 'games'),
      look: async (host, t) => t.equal(await host.must(['stat', '-c', '%U', '/srv/app/config']), 'daemon\n'),
    },
    {
      id: 'file:/srv/app/config',
      field: 'group',
      hurt: (host) => host.hurt.chown('/srv/app/config', ':games'),
      look: async (host, t) => t.equal(await host.must(['stat', '-c', '%G', '/srv/app/config']), 'adm\n'),
    },
    {
      id: 'file:/srv/app/config',
      field: 'exists',
      hurt: (host) => host.hurt.remove('/srv/app/config'),
      look: async (host, t) =>
        t.equal(await host.must(['stat', '-c', '%a %U %G %s', '/srv/app/config']), '640 daemon adm 12\n'),
    },
    {
      id: 'file:/etc/issue.net',
      field: 'exists',
      hurt: (host) => host.write('/etc/issue.net', 'back\n'),
      look: async (host, t) => t.not((await host.exec(['test', '-e', '/etc/issue.net'])).code, 0),
    },
  ],
  after: async ({ host, role, check, apply }, t) => {
    await host.write('/srv/app/once', 'second')
    await host.must(['chmod', '600', '/srv/app/unmanaged'])
    t.same(
      (await apply()).outcomes.filter(({ status }) => status !== 'settled'),
      [],
    )
    t.equal(await host.read('/srv/app/once'), 'second', 'what is written once is left alone')
    t.equal(await host.must(['stat', '-c', '%a', '/srv/app/unmanaged']), '600\n')

    await role(`
description: A file that its program refuses.
resources:
  - file: /srv/app/config
    content: broken
    validate: grep -q key %s
`)
    const before = await host.must(['stat', '-c', '%i %Y', '/srv/app/config'])
    t.match((await apply()).outcomes, [{ status: 'failed', reason: /"grep -q key .*" exited 1/ }])
    t.equal(
      await host.must(['stat', '-c', '%i %Y', '/srv/app/config']),
      before,
      'a refused file is not put in place',
    )
    t.equal(await host.must(['find', '/srv/app', '-name', '.drover*']), '', 'nor is it left behind')

    await role(`
description: A directory in the place of a file.
resources:
  - file: /srv/app
    content: x
`)
    t.match((await check()).outcomes, [{ status: 'failed', code: 'conflict', hint: /force: true/ }])
  },
})

const SHA256 = '3bd7a6f9202118567af8e248586423967fbfc4ce8f31e9094ee0135362f3eaad'
