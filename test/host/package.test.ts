import type { Test } from 'tap'
import type { Outcome } from '../../lib/outcome.ts'
import { diffSnapshots, type Host } from '../bed/bed.ts'
import { waitFor } from '../bed/wait.ts'
import { type Drive, hostTest, settled } from './harness.ts'
import { type Deb, isolate, publish } from './repository.ts'

const SOURCES = '/etc/apt/sources.list.d/local.list'

const conf = (version: string): Deb => ({
  name: 'conf',
  version,
  files: { '/etc/conf.conf': `version = ${version}\n` },
  conffiles: ['/etc/conf.conf'],
})
const DEBS: readonly Deb[] = [
  { name: 'alpha', version: '1.0', control: 'Depends: beta' },
  { name: 'alpha', version: '1.1', control: 'Depends: beta' },
  { name: 'alpha', version: '2.0', control: 'Depends: beta' },
  { name: 'beta', version: '1.0' },
  { name: 'beta', version: '1.1' },
  conf('1.0'),
  conf('2.0'),
  { name: 'gone', version: '1.0', files: { '/etc/gone.conf': 'x\n' }, conffiles: ['/etc/gone.conf'] },
  { name: 'left', version: '1.0', files: { '/etc/left.conf': 'x\n' }, conffiles: ['/etc/left.conf'] },
  { name: 'extra', version: '1.0', control: 'Recommends: extra-more' },
  { name: 'extra-more', version: '1.0' },
  { name: 'rival', version: '1.0', control: 'Conflicts: alpha' },
  { name: 'mail-one', version: '1.0', control: 'Provides: mail' },
  { name: 'mail-two', version: '1.0', control: 'Provides: mail' },
  { name: 'faulty', version: '1.0', postinst: 'test ! -e /srv/fail || { echo out of luck >&2; exit 3; }' },
  { name: 'slow', version: '1.0', postinst: 'test ! -e /srv/hang || { setsid sleep 4242 & sleep 4242; }' },
  { name: 'beside', version: '1.0' },
]

// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg has templates of its own.
const FORMAT = '${Version} ${Status}'
const installed = async (host: Host, name: string) =>
  (await host.exec(['dpkg-query', '-W', '-f', FORMAT, name])).stdout

const install = (host: Host, ...words: string[]) =>
  host.must([
    ...['apt-get', '-y', '--allow-downgrades', '-o', 'Dpkg::Options::=--force-confold'],
    ...['install', ...words],
  ])

hostTest('package', {
  role: `
description: Packages in every way.
resources:
  - package: alpha
    version: "1.*"
    allow_downgrade: true
  - package: beta
    version: "1.0"
    hold: true
    allow_downgrade: true
  - package: conf
    latest: true
  - package: extra
    recommends: false
  - package: gone
    absent: true
  - package: left
    absent: true
    purge: true
`,
  before: async (host) => {
    await isolate(host, ...DEBS)
    await install(host, 'gone', 'left', 'conf=1.0')
    await host.write('/etc/conf.conf', 'by hand\n')
  },
  look: async (host, t) => {
    t.equal(await installed(host, 'alpha'), '1.1 install ok installed')
    t.equal(await installed(host, 'beta'), '1.0 hold ok installed')
    t.equal(await installed(host, 'conf'), '2.0 install ok installed')
    t.equal(await installed(host, 'gone'), '1.0 deinstall ok config-files')
    t.notMatch(await installed(host, 'left'), /ok (installed|config-files)/)
    t.match(await installed(host, 'extra'), /ok installed/, 'without what it recommends')
    t.notMatch(await installed(host, 'extra-more'), /ok installed/)
    t.equal(await host.must(['apt-mark', 'showauto']), '', 'all are there for themselves')
    t.equal(await host.read('/etc/conf.conf'), 'by hand\n', 'what was changed by hand is kept')
    t.equal(await host.read('/etc/conf.conf.dpkg-dist'), 'version = 2.0\n')
  },
  // Versions stay, and what follows is about first installations: test/host/leaving tries it.
  remains: null,
  hurts: [
    {
      id: 'package:alpha',
      field: 'exists',
      hurt: (host) => host.hurt.removePackage('alpha'),
      look: async (host, t) => t.match(await installed(host, 'alpha'), '1.1 install ok installed'),
    },
    {
      id: 'package:alpha',
      field: 'version',
      hurt: (host) => install(host, 'alpha=2.0'),
      look: async (host, t) => t.match(await installed(host, 'alpha'), '1.1 install ok installed'),
    },
    {
      id: 'package:alpha',
      field: 'installed',
      hurt: (host) => host.must(['dpkg', '--unpack', '/srv/repository/alpha_1.1_all.deb']),
      look: async (host, t) => t.match(await installed(host, 'alpha'), '1.1 install ok installed'),
    },
    {
      id: 'package:alpha',
      field: 'manual',
      hurt: (host) => host.must(['apt-mark', 'auto', 'alpha']),
      look: async (host, t) => t.match(await host.must(['apt-mark', 'showmanual']), /^alpha$/m),
    },
    {
      id: 'package:beta',
      field: 'held',
      hurt: (host) => host.must(['apt-mark', 'unhold', 'beta']),
      look: async (host, t) => t.equal(await host.must(['apt-mark', 'showhold']), 'beta\n'),
    },
    {
      id: 'package:beta',
      field: 'version',
      hurt: (host) =>
        host.must(['sh', '-ec', 'dpkg -i /srv/repository/beta_1.1_all.deb; apt-mark hold beta']),
      look: async (host, t) => t.equal(await installed(host, 'beta'), '1.0 hold ok installed'),
    },
    {
      id: 'package:conf',
      field: 'latest',
      hurt: (host) => install(host, 'conf=1.0'),
      look: async (host, t) => t.match(await installed(host, 'conf'), '2.0 install ok installed'),
    },
    { id: 'package:gone', field: 'exists', hurt: (host) => install(host, 'gone') },
    {
      id: 'package:left',
      field: 'exists',
      hurt: (host) =>
        host.must(['sh', '-ec', 'dpkg -i /srv/repository/left_1.0_all.deb; dpkg --remove left']),
    },
  ],
  after: async (drive, t) => {
    await t.test('a hold is set by dpkg', (t) => held(t, drive))
    await t.test('an agent that may lend no right to read', (t) => unlent(t, drive))
    await t.test('a package that others hold back', (t) => refusals(t, drive))
    await t.test('an index that lacks what is wanted', (t) => indexes(t, drive))
    await t.test('a lock that somebody holds', (t) => locks(t, drive))
    await t.test('a script that fails', (t) => failing(t, drive))
    await t.test('a script that hangs, and a package that is half unpacked', (t) => interrupted(t, drive))
  },
})

const roleOf = (...lines: string[]) =>
  `description: One thing.\nresources:\n${lines.map((l) => `  - ${l}\n`).join('')}`

/** It takes a twentieth of the time that apt-mark takes, which reads the index first. */
async function held(t: Test, { host, role, apply }: Drive): Promise<void> {
  await host.must(['chmod', '0', '/usr/bin/apt-mark'])
  const now = async () => [await installed(host, 'alpha'), await installed(host, 'dpkg')]
  await role(roleOf('{ package: [alpha, dpkg], hold: true }'))
  t.match(await apply(), { outcomes: [{ status: 'changed' }, { status: 'changed' }] })
  t.match(await now(), [/ hold ok installed$/, / hold ok installed$/])
  await role(roleOf('{ package: [alpha, dpkg], hold: false }'))
  t.match(await apply(), { outcomes: [{ status: 'changed' }, { status: 'changed' }] })
  t.match(await now(), [/ install ok installed$/, / install ok installed$/])
  await host.must(['chmod', '0755', '/usr/bin/apt-mark'])
}

/** As in a container without that capability, where apt has to be kept from writing in another way. */
async function unlent(t: Test, { host, role }: Drive): Promise<void> {
  await role(roleOf('package: beside'))
  const before = await host.snapshot()
  const plan = ['drover', 'local', 'plan', '/srv/site', '--host', 'h', '--output', 'json']
  const { stdout } = await host.exec(['setpriv', '--bounding-set=-dac_read_search', ...plan])
  t.match(JSON.parse(stdout).outcomes, [
    { status: 'planned', steps: [{ transaction: [{ name: 'beside' }] }] },
  ])
  t.strictSame(diffSnapshots(before, await host.snapshot()), [], 'a check writes nothing there either')
  await host.must(['test', '-c', '/dev/null'])
}

async function refusals(t: Test, { host, role, check, apply }: Drive): Promise<void> {
  const refused = async (yaml: string, is: object) => {
    await role(roleOf(yaml))
    const before = await host.must(['sha256sum', '/var/lib/dpkg/status'])
    for (const run of [check, apply])
      t.match((await run()).outcomes, [{ status: 'failed', ...is }], `${yaml}, by ${run.name}`)
    t.equal(await host.must(['sha256sum', '/var/lib/dpkg/status']), before, 'and nothing was done')
  }
  await refused('package: rival', {
    code: 'conflict',
    reason: /remove alpha/,
    hint: /allow_remove: \[alpha\]/,
  })
  await refused('package: mail', {
    code: 'invalid',
    reason: /virtual/,
    hint: /mail-one, mail-two|mail-two, mail-one/,
  })
  await refused('package: nope', { code: 'not-found', reason: /unable to locate package nope/ })
  await refused('{ package: alpha, version: "3.0" }', { code: 'not-found', reason: /3\.0/ })
  await refused('{ package: alpha, version: "1.0" }', {
    code: 'conflict',
    reason: /downgrade alpha from 1\.1 to 1\.0/,
  })
  await refused('{ package: beta, version: "1.1" }', { code: 'conflict', reason: /beta, which is held/ })
  await refused('{ package: libc6, absent: true }', { code: 'conflict', hint: /allow_protected/ })
  await refused('{ package: bash, absent: true }', { code: 'conflict', reason: /[Ee]ssential/ })

  await role(roleOf('{ package: rival, allow_remove: [alpha] }'))
  const [done] = (await apply()).outcomes
  t.match(done, {
    status: 'changed',
    steps: [{ transaction: [{ action: 'remove', name: 'alpha' }, { name: 'rival' }] }],
  })
  await role(roleOf('{ package: beta, version: "1.1", hold: false }', '{ package: rival, absent: true }'))
  t.match((await apply()).outcomes, [{ status: 'changed' }, { status: 'changed' }])
  t.equal(await installed(host, 'beta'), '1.1 install ok installed')

  await role(roleOf('package: [beside, nope, alpha]'))
  const { outcomes } = await apply()
  t.match(
    outcomes,
    [{ status: 'changed' }, { status: 'failed', code: 'not-found' }, { status: 'changed' }],
    'one that is unknown does not stop the others',
  )
}

async function indexes(t: Test, { host, role, check, apply, said }: Drive): Promise<void> {
  await publish(host, { name: 'fresh', version: '1.0' }, { name: 'fresh', version: '1.1' })
  await role(roleOf('{ package: fresh, version: "1.0" }'))
  t.match((await check()).outcomes, [{ status: 'failed', code: 'not-found' }], 'a young index is believed')
  await host.must(['touch', '-d', '2 hours ago', '/var/lib/apt/lists'])
  t.match((await check()).outcomes, [{ status: 'planned', steps: [{ refresh: true, transaction: null }] }])
  t.match((await apply()).outcomes, [{ status: 'changed' }], 'an old one is fetched anew')
  t.match(said(), /fetching the index/)
  settled(t, await apply())

  const wanted = '{ package: fresh, latest: true, refresh: 1d }'
  await role(roleOf(wanted))
  t.match((await apply()).outcomes, [{ status: 'changed' }])
  settled(t, await check())
  await publish(host, { name: 'fresh', version: '1.2' })
  settled(t, await check())
  await host.must(['touch', '-d', '2 days ago', '/var/lib/apt/lists'])
  t.match((await apply()).outcomes, [{ status: 'changed', steps: [{ refresh: true }] }])
  t.equal(await installed(host, 'fresh'), '1.2 install ok installed')
  settled(t, await check())

  await t.test('a source of the same run', async (t) => {
    await publish(host, { name: 'second', version: '1.0' })
    await role(
      roleOf(
        `{ file: ${SOURCES}, content: "deb [trusted=yes] file:/srv/repository ./\\n# second\\n" }`,
        'package: second',
      ),
    )
    const { outcomes } = await check()
    t.match(outcomes[1], { status: 'planned', after: [`file:${SOURCES}`] })
    t.match((await apply()).outcomes, [{ status: 'changed' }, { status: 'changed' }])
    settled(t, await apply())
  })

  await t.test('a mirror that has lost what the index names', async (t) => {
    await publish(host, { name: 'lost', version: '1.0' })
    await host.must(['apt-get', 'update'])
    await host.must(['sh', '-c', 'rm /srv/repository/lost_1.0_all.deb'])
    await publish(host, { name: 'lost', version: '1.1' })
    await role(roleOf('package: lost'))
    t.match((await apply()).outcomes, [{ status: 'failed', code: 'unavailable', hint: /fetches the index/ }])
    t.match(
      (await apply()).outcomes,
      [{ status: 'changed' }],
      'the next run fetches the index and installs it',
    )
  })
}

// Locks as apt does: by fcntl, on its own file.
const HOLD = `use Fcntl; $0 = "upgrader"; open F, ">>", "/var/lib/dpkg/lock-frontend";
my $whole = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $whole) or die;
open H, ">", "/run/held"; close H; sleep $ARGV[0]
`
const HELD = `rm -f /run/held; setsid perl /srv/hold.pl "$1" >/dev/null 2>&1 </dev/null &
until test -e /run/held; do sleep 0.05; done`

async function locks(t: Test, { host, role, apply, check, said }: Drive): Promise<void> {
  await host.write('/srv/hold.pl', HOLD)
  const hold = (seconds: number) => host.must(['sh', '-ec', HELD, 'hold', String(seconds)])

  await hold(3)
  await role(roleOf('package: extra-more'))
  t.match((await check()).outcomes, [{ status: 'planned' }], 'a check needs no lock')
  t.match((await apply()).outcomes, [{ status: 'changed' }], 'it is waited for')
  t.match(said(), /waiting for the dpkg lock, held by upgrader \(pid \d+\)/)

  await hold(600)
  await role(roleOf('{ package: extra-more, absent: true, timeout: 2s }'))
  const started = performance.now()
  t.match((await apply()).outcomes, [
    {
      status: 'failed',
      code: 'timeout',
      reason: /lock-frontend is held by upgrader \(pid \d+\), still after 2\d{3} ms/,
    },
  ])
  t.ok(performance.now() - started < 20_000)
  t.equal((await host.exec(['pgrep', '-x', 'upgrader'])).code, 0, 'who has it is left alone')

  await t.test('what changes meanwhile', async (t) => {
    await role(roleOf('{ package: fresh, latest: true, timeout: 60s }'))
    await publish(host, { name: 'fresh', version: '1.3' })
    await host.must(['apt-get', 'update'])
    const running = apply()
    await waitFor(
      async () => ((await host.exec(['pgrep', '-f', 'drover local apply'])).code === 0 ? true : null),
      { timeoutMs: 10_000 },
    )
    // Long enough for the plan to be made and the wait to begin.
    await host.must(['sh', '-c', 'sleep 4'])
    await publish(host, { name: 'fresh', version: '1.4' })
    await host.must(['apt-get', 'update'])
    await host.must(['pkill', '-x', 'upgrader'])
    t.match((await running).outcomes, [
      { status: 'failed', code: 'conflict', reason: /upgrade fresh 1\.2 -> 1\.4/ },
    ])
    t.equal(await installed(host, 'fresh'), '1.2 install ok installed', 'nothing was done that was not shown')
    t.match((await apply()).outcomes, [{ status: 'changed' }])
  })
}

async function failing(t: Test, { host, role, apply }: Drive): Promise<void> {
  await host.write('/srv/fail', '')
  await role(roleOf('package: [faulty, extra-more]', '{ package: gone, absent: true }'))
  const { outcomes } = await apply()
  t.match(outcomes[0], { status: 'failed', reason: /out of luck/, hint: /script/, ended: { code: 100 } })
  t.notMatch((outcomes[1] as Outcome).status, 'failed', 'what was done beside it has not failed')
  await host.must(['rm', '/srv/fail'])
  t.match((await apply()).outcomes[0], { status: 'changed' })
  t.equal(await installed(host, 'faulty'), '1.0 install ok installed')
}

async function interrupted(t: Test, { host, role, check, apply, said }: Drive): Promise<void> {
  await host.write('/srv/hang', '')
  await role(roleOf('{ package: slow, timeout: 6s }'))
  t.match((await apply()).outcomes, [
    { status: 'failed', code: 'timeout', hint: /completed by the next run/ },
  ])
  t.not((await host.exec(['pgrep', '-f', 'sleep 4242'])).code, 0, 'nothing of it is left')
  await host.must(['rm', '/srv/hang'])
  t.match((await check()).outcomes, [
    { status: 'planned', steps: [{ transaction: [{ action: 'configure', name: 'slow' }] }] },
  ])
  t.match((await apply()).outcomes, [{ status: 'changed', recovered: ['slow:all'] }])
  t.match(said(), /completing an interrupted dpkg: slow/)
  settled(t, await apply())

  // What a kill in the middle of unpacking leaves, which takes some luck to hit.
  await host.must(['perl', '-0pi', '-e', TORN, '/var/lib/dpkg/status'])
  t.match((await check()).outcomes, [{ status: 'planned', changes: [{ field: 'installed' }] }])
  t.match((await apply()).outcomes, [{ status: 'changed' }])
  t.equal(await installed(host, 'slow'), '1.0 install ok installed')

  t.equal(await host.must(['dpkg', '--audit']), '')
}

const TORN = 's/(Package: slow\\nStatus: )install ok installed/$1install reinstreq half-installed/'
