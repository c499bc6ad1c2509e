import { ALICE, BOB, CAROL, EVE } from '../helpers/keys.ts'
import { hostTest } from './harness.ts'

const PATH = '/home/alice/.ssh/authorized_keys'

hostTest('authorized-keys', {
  role: `
description: Who may log in as whom.
resources:
  - user: alice
  - authorized-keys: alice
    keys:
      - ${ALICE}
      - restrict,command="rrsync -ro /srv" ${BOB}
  - authorized-keys: daemon
    file: /etc/ssh/keys/daemon
    keys: [${CAROL}]
  - directory: /etc/ssh/keys
  - directory: /etc/ssh
  - authorized-keys: shared
    exclusive: false
    keys: [${ALICE}]
    revoked: [${EVE}]
  - authorized-keys: closed
    keys: []
  - authorized-keys: gone
    absent: true
`,
  before: async (host) => {
    for (const name of ['alice', 'shared', 'closed', 'gone'])
      await host.must(['useradd', '--create-home', name])
    await host.write('/home/shared/.ssh/authorized_keys', `# kept by hand\n${EVE}\n${BOB}\n`)
    await host.must(['chown', '-R', 'shared:shared', '/home/shared/.ssh'])
    await host.must(['chmod', '0600', '/home/shared/.ssh/authorized_keys'])
    await host.must(['chmod', '0700', '/home/shared/.ssh'])
    await host.write('/home/gone/.ssh/authorized_keys', `${EVE}\n`)
  },
  look: async (host, t) => {
    t.equal(await host.read(PATH), `${ALICE}\nrestrict,command="rrsync -ro /srv" ${BOB}\n`)
    t.equal(
      await host.must(['stat', '-c', '%a %U %G', '/home/alice/.ssh', PATH]),
      '700 alice alice\n600 alice alice\n',
    )
    t.equal(await host.must(['stat', '-c', '%a %U %G', '/etc/ssh/keys/daemon']), '600 daemon daemon\n')
    t.equal(await host.must(['stat', '-c', '%a %U', '/etc/ssh/keys']), '755 root\n')
    t.equal(await host.read('/home/shared/.ssh/authorized_keys'), `# kept by hand\n${BOB}\n${ALICE}\n`)
    t.equal(await host.read('/home/closed/.ssh/authorized_keys'), '')
    t.not((await host.exec(['test', '-e', '/home/gone/.ssh/authorized_keys'])).code, 0)
  },
  hurts: [
    {
      id: 'authorized-keys:alice',
      field: 'keys',
      hurt: (host) => host.hurt.append(PATH, `${EVE}\n`),
      look: async (host, t) => t.notMatch(await host.read(PATH), /eve@attic/),
    },
    {
      id: 'authorized-keys:alice',
      field: 'mode',
      hurt: (host) => host.hurt.chmod(PATH, '0666'),
      look: async (host, t) => t.equal(await host.must(['stat', '-c', '%a', PATH]), '600\n'),
    },
    {
      id: 'authorized-keys:alice',
      field: 'owner',
      hurt: (host) => host.hurt.chown(PATH, 'daemon'),
      look: async (host, t) => t.equal(await host.must(['stat', '-c', '%U %G', PATH]), 'alice alice\n'),
    },
    {
      id: 'authorized-keys:alice',
      field: 'own_group',
      hurt: (host) => host.hurt.chown(PATH, ':daemon'),
      look: async (host, t) => t.equal(await host.must(['stat', '-c', '%U %G', PATH]), 'alice alice\n'),
    },
    {
      id: 'authorized-keys:alice',
      field: 'folder_mode',
      hurt: (host) => host.hurt.chmod('/home/alice/.ssh', '0777'),
      look: async (host, t) => t.equal(await host.must(['stat', '-c', '%a', '/home/alice/.ssh']), '700\n'),
    },
    {
      id: 'authorized-keys:alice',
      field: 'folder_owner',
      hurt: (host) => host.hurt.chown('/home/alice/.ssh', 'daemon:daemon'),
      look: async (host, t) =>
        t.equal(await host.must(['stat', '-c', '%U %G', '/home/alice/.ssh']), 'alice alice\n'),
    },
    {
      id: 'authorized-keys:alice',
      field: 'kind',
      hurt: async (host) => {
        await host.must(['cp', '--preserve', PATH, '/srv/elsewhere'])
        await host.must(['ln', '-sf', '/srv/elsewhere', PATH])
        await host.must(['chown', '-h', 'alice:alice', PATH])
      },
      look: async (host, t) => {
        t.equal(await host.must(['stat', '-c', '%F', PATH]), 'regular file\n')
        t.equal(
          await host.must(['stat', '-c', '%a %U', '/srv/elsewhere']),
          '600 alice\n',
          'what it led to is left alone',
        )
      },
    },
    {
      id: 'authorized-keys:alice',
      field: 'exists',
      hurt: (host) => host.hurt.remove('/home/alice/.ssh'),
      look: async (host, t) =>
        t.match(await host.must(['ls', '-A', '/home/alice/.ssh']), 'authorized_keys\n'),
    },
    {
      id: 'authorized-keys:shared',
      field: 'revoked',
      hurt: (host) => host.hurt.append('/home/shared/.ssh/authorized_keys', `no-pty ${EVE}\n`),
      look: async (host, t) =>
        t.equal(await host.read('/home/shared/.ssh/authorized_keys'), `# kept by hand\n${BOB}\n${ALICE}\n`),
    },
    {
      id: 'authorized-keys:shared',
      field: 'keys',
      hurt: (host) =>
        host.must(['sed', '-i', 's/^ssh-ed25519 .* alice/restrict &/', '/home/shared/.ssh/authorized_keys']),
      look: async (host, t) =>
        t.equal(await host.read('/home/shared/.ssh/authorized_keys'), `# kept by hand\n${BOB}\n${ALICE}\n`),
    },
    {
      id: 'authorized-keys:gone',
      field: 'exists',
      hurt: (host) => host.must(['touch', '/home/gone/.ssh/authorized_keys']),
      look: async (host, t) =>
        t.not((await host.exec(['test', '-e', '/home/gone/.ssh/authorized_keys'])).code, 0),
    },
  ],
  after: async ({ host, role, check, apply }, t) => {
    await role(`
description: A user that is made first.
resources:
  - authorized-keys: new
    keys: [${ALICE}]
  - user: new
    home: /srv/new
    group: games
  - authorized-keys: stranger
    keys: [${ALICE}]
`)
    const { outcomes } = await check()
    t.match(outcomes, [
      { id: 'user:new', status: 'planned', after: [] },
      { id: 'authorized-keys:new', status: 'planned', after: ['user:new'], unknown: null },
      { id: 'authorized-keys:stranger', status: 'failed', code: 'not-found' },
    ])
    const shown = outcomes[1]?.status === 'planned' ? outcomes[1].steps : []
    const done = await apply()
    t.match(done.outcomes, [{ status: 'changed' }, { status: 'changed', steps: shown }, { status: 'failed' }])
    t.equal(await host.must(['stat', '-c', '%a %U', '/srv/new/.ssh/authorized_keys']), '600 new\n')

    await host.must(['rm', '-r', '/home/alice/.ssh'])
    await host.must(['mkdir', '-p', '/root/.ssh'])
    const before = await host.must(['ls', '-lA', '/root/.ssh'])
    await host.must(['ln', '-s', '/root/.ssh', '/home/alice/.ssh'])
    await host.must(['chown', '-h', 'alice:alice', '/home/alice/.ssh'])
    await role(`
description: A user that would send its keys to root.
resources:
  - authorized-keys: alice
    keys: [${ALICE}]
`)
    t.match((await check()).outcomes, [{ status: 'failed', reason: /no directory but a link/ }])
    t.match((await apply()).outcomes, [{ status: 'failed' }])
    t.equal(await host.must(['ls', '-lA', '/root/.ssh']), before, 'nothing was written through the link')
  },
})
