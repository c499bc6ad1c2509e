import t from 'tap'
import type { RunResult } from '../../lib/outcome.ts'
import { bedReason, openBed } from '../bed/bed.ts'
import { isolate } from './repository.ts'

const SITE = '/srv/site'
const FAIL = 'test ! -e /srv/fail ||'
// Locks as apt does: by fcntl, on its own file.
const HOLD = `use Fcntl; $0 = "upgrader"; open F, ">>", "/var/lib/dpkg/lock-frontend";
my $whole = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $whole) or die; open H, ">", "/run/held"; close H; sleep 600`

const REPOSITORY = '/srv/repository'
const SOURCE = '/etc/apt/sources.list.d/local.list'
const MIRROR = 'http://127.0.0.1:8080'
/** Serves the repository. Of what ends as `/srv/stalls` says it sends the half, and then nothing more. */
const SERVER = `
const { createServer } = require('node:http'), { readFileSync, writeFileSync } = require('node:fs')
const read = (path) => { try { return readFileSync(path) } catch { return null } }
createServer(({ url }, response) => {
  const bytes = read('${REPOSITORY}/' + url.split('/').at(-1)), stalls = String(read('/srv/stalls') ?? '-').trim()
  if (bytes === null) return response.writeHead(404).end()
  response.writeHead(200, { 'content-length': bytes.length })
  if (url.endsWith(stalls)) response.write(bytes.subarray(0, bytes.length / 2))
  else response.end(bytes)
}).listen(8080, '127.0.0.1', () => writeFileSync('/run/serves', ''))`
const SERVE =
  'setsid /usr/local/bin/node /srv/server.cjs > /dev/null 2>&1 < /dev/null & echo $! > /run/server'
/** Makes another index than before, and what vouches for it by its digest. */
const NEWS = `
cd ${REPOSITORY}
sed -i "s/^Description: .*/Description: as of $(date -u +%s.%N)/" Packages
{ echo "Date: $(date -Ru)"; echo SHA256:; echo " $(sha256sum Packages | cut -d' ' -f1) $(stat -c %s Packages) Packages"; } > Release`

const AFRESH = 'dpkg --purge plain; rm -f /srv/beside /var/cache/apt/archives/*.deb'

type Trouble = {
  readonly name: string
  /** Lines of sh that bring it about, and take it away. */
  readonly by: string
  readonly undo: string
  readonly says: object
  /** Other than `trusted=yes`. */
  readonly trust?: string
  readonly timeout?: string
}
const TROUBLES: readonly Trouble[] = [
  {
    name: 'is down',
    by: 'kill $(cat /run/server)',
    undo: SERVE,
    says: { code: 'unavailable', hint: /is the mirror reachable/ },
  },
  {
    name: 'stalls in its index',
    by: 'echo Packages > /srv/stalls',
    undo: 'rm /srv/stalls',
    timeout: '4s',
    says: { code: 'timeout', reason: /was ended at its deadline/ },
  },
  {
    name: 'stalls in a package',
    by: 'echo .deb > /srv/stalls',
    undo: 'rm /srv/stalls',
    timeout: '6s',
    says: { code: 'timeout', reason: /was ended at its deadline/ },
  },
  {
    name: 'has an index that is damaged',
    by: `sed -i 's/as of/As of/' ${REPOSITORY}/Packages`,
    undo: `sed -i 's/As of/as of/' ${REPOSITORY}/Packages`,
    says: { code: 'unavailable', reason: /Hash Sum mismatch/ },
  },
  {
    name: 'has a signature that is not of what it signs',
    by: `sed 's/^Suite: .*/Suite: other/' /srv/signed > ${REPOSITORY}/InRelease`,
    undo: `rm ${REPOSITORY}/InRelease`,
    says: { code: 'unavailable', reason: /BADSIG|invalid signature|not signed/ },
    trust: 'signed-by=/usr/share/keyrings/debian-archive-keyring.gpg',
  },
]

t.test('what goes wrong with packages', { skip: bedReason() ?? false, timeout: 300_000 }, async (t) => {
  const bed = await openBed(t)
  const host = await bed.host()
  // Of Debian's own, for a signature by a key that is known here.
  await host.must(['sh', '-c', 'cp $(ls /var/lib/apt/lists/*_InRelease | head -n 1) /srv/signed'])
  await isolate(
    host,
    { name: 'tty', version: '1.0', postinst: `${FAIL} read answer < /dev/tty` },
    { name: 'asks', version: '1.0', postinst: `${FAIL} { echo "continue? "; read answer; }` },
    { name: 'stays', version: '1.0', prerm: `${FAIL} { echo "not me" >&2; exit 1; }` },
    { name: 'forged', version: '1.0' },
    { name: 'plain', version: '1.0' },
  )
  await host.write(`${SITE}/drover.yaml`, 'name: test\n')
  await host.write(`${SITE}/hosts.yaml`, 'hosts:\n  h: { roles: [test] }\n')
  const apply = async (...resources: string[]) => {
    const lines = resources.map((one) => `  - ${one}\n`).join('')
    await host.write(`${SITE}/roles/test/role.yaml`, `resources:\n${lines}`)
    const argv = ['drover', 'local', 'apply', SITE, '--host', 'h', '--yes', '--output', 'json']
    const { outcomes } = JSON.parse((await host.exec(argv)).stdout) as RunResult
    // Beside what has left the catalog since the last run.
    return (id: string) => outcomes.find((one) => one.id === id)
  }
  const BESIDE = '{ file: /srv/beside, content: x }'
  const FILE = 'file:/srv/beside'

  for (const [name, said] of [
    ['tty', /tty/],
    ['asks', /post-installation script/],
  ] as const)
    await t.test(`a script that wants an answer (${name}) is given none, and fails`, async (t) => {
      await host.must(['sh', '-c', 'touch /srv/fail; rm -f /srv/beside'])
      const of = await apply(`{ package: ${name}, timeout: 30s }`, BESIDE)
      t.match(of(`package:${name}`), { status: 'failed', reason: said, hint: /dpkg --audit/ })
      t.match(of(FILE), { status: 'changed' }, 'all else goes on')
      await host.must(['rm', '/srv/fail'])
      t.match(
        (await apply(`package: ${name}`))(`package:${name}`),
        { status: 'changed' },
        'the next run completes it',
      )
      t.equal(await host.must(['dpkg', '--audit']), '')
    })

  await t.test('a script that refuses a removal leaves the package', async (t) => {
    const remove = async () => (await apply('{ package: stays, absent: true }'))('package:stays')
    t.match((await apply('package: stays'))('package:stays'), { status: 'changed' })
    await host.must(['touch', '/srv/fail'])
    t.match(await remove(), { status: 'failed', reason: /pre-removal script/, ended: { stderr: /not me/ } })
    await host.must(['dpkg', '-s', 'stays'])
    await host.must(['rm', '/srv/fail'])
    t.match(await remove(), { status: 'changed' })
  })

  await t.test('a package that is not what its index says is not installed', async (t) => {
    const deb = '/srv/repository/forged_1.0_all.deb'
    const damage = `printf x | dd of=${deb} bs=1 seek=200 conv=notrunc status=none`
    await host.must(['sh', '-c', `cp ${deb} /srv/kept; ${damage}`])
    const install = async () => (await apply('package: forged'))('package:forged')
    t.match(await install(), { status: 'failed', code: 'unavailable', hint: /fetches the index/ })
    t.not((await host.exec(['dpkg', '-s', 'forged'])).code, 0)
    await host.must(['cp', '/srv/kept', deb])
    t.match(await install(), { status: 'changed' })
  })

  await t.test(
    'a lock that is never given back fails the packages alone, and names who has it',
    async (t) => {
      // What was installed before leaves now, so that nothing else waits for the lock.
      await apply('{ file: /srv/other, content: x }')
      await host.must(['rm', '-f', '/srv/beside'])
      await host.write('/srv/hold.pl', HOLD)
      const until = 'for i in $(seq 200); do test ! -e /run/held || exit 0; sleep 0.05; done; exit 1'
      await host.must(['sh', '-c', `setsid perl /srv/hold.pl > /dev/null 2>&1 < /dev/null & ${until}`])
      const of = await apply('{ package: plain, timeout: 2s }', BESIDE)
      t.match(of('package:plain'), {
        status: 'failed',
        code: 'timeout',
        reason: /held by upgrader \(pid \d+\)/,
      })
      t.match(of(FILE), { status: 'changed' }, 'all else goes on')
      await host.must(['pkill', '-x', 'upgrader'])
      t.match((await apply('package: plain', BESIDE))('package:plain'), { status: 'changed' })
    },
  )

  await t.test('a mirror', async (t) => {
    await host.write('/srv/server.cjs', SERVER)
    const until = 'for i in $(seq 200); do test ! -e /run/serves || exit 0; sleep 0.05; done; exit 1'
    await host.must(['sh', '-c', `${SERVE}; ${until}`])
    for (const { name, by, undo, says, trust = 'trusted=yes', timeout = '1m' } of TROUBLES)
      await t.test(`that ${name}`, async (t) => {
        await host.must(['sh', '-c', `${AFRESH}; ${NEWS}; ${by}`])
        const source = (trust: string) => host.write(SOURCE, `deb [${trust}] ${MIRROR} ./\n`)
        // A source that has changed is fetched anew.
        await source(trust)
        const of = await apply(`{ package: plain, timeout: ${timeout} }`, BESIDE)
        t.match(of('package:plain'), { status: 'failed', ...says })
        t.match(of(FILE), { status: 'changed' }, 'all else goes on')
        t.not((await host.exec(['dpkg', '-s', 'plain'])).code, 0)
        await host.must(['sh', '-c', undo])
        await source('trusted=yes')
        t.match((await apply('package: plain', BESIDE))('package:plain'), { status: 'changed' })
      })
  })
})
