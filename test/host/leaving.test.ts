import t from 'tap'
import { EXIT } from '../../cli/exit.ts'
import type { RunResult } from '../../lib/outcome.ts'
import { bedReason, diffSnapshots, openBed } from '../bed/bed.ts'
import { prepare, ROLE } from './every-type.ts'
import { formerDifferences } from './former.ts'

/** A role that is taken from a host takes back what it brought, and nothing else. */
t.setTimeout(300_000)

const TUNED = `resources:
  - unit: other.service.d/nice.conf
    content: |
      [Service]
      Nice=5
  - service: other.service
    restart_on: unit:other.service.d/nice.conf
`
const PACKAGED =
  'resources:\n  - file: /srv/theirs\n    content: x\n  - package: alpha\n    needs: [file:/srv/theirs]\n'
const FRESH = 'resources:\n  - file: /srv/fresh\n    content: x\n'
// As apt does: by fcntl, on its own file.
const HOLD = `use Fcntl; open F, ">>", "/var/lib/dpkg/lock-frontend";
my $whole = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $whole) or die; sleep 600`
const SHARED = 'resources:\n  - group: crew\n  - file: /etc/motd\n    content: "ours\\n"\n'
const SITE = '/srv/site'
const drover = (verb: string) => ['drover', 'local', verb, SITE, '--host', 'h', '--json']

t.test('a role leaves', { skip: bedReason() ?? false }, async (t) => {
  const bed = await openBed(t)
  const host = await bed.host()
  await host.write(`${SITE}/drover.yaml`, 'name: test\n')
  await host.write(`${SITE}/roles/web/role.yaml`, ROLE)
  await host.write(`${SITE}/roles/shared/role.yaml`, SHARED)
  await host.write(`${SITE}/roles/tuned/role.yaml`, TUNED)
  await host.write(`${SITE}/roles/packaged/role.yaml`, PACKAGED)
  await host.write(`${SITE}/roles/fresh/role.yaml`, FRESH)
  const roles = (names: string) => host.write(`${SITE}/hosts.yaml`, `hosts:\n  h: { roles: [${names}] }\n`)
  await prepare(host)
  const first = await host.snapshot()
  const differences = async () =>
    formerDifferences(first, await host.snapshot()).filter((line) => !/left-by-a-command/.test(line))
  const apply = async (): Promise<RunResult> =>
    JSON.parse(await host.must([...drover('apply'), '--yes'], { timeoutMs: 120_000 }))

  await roles('web')
  await apply()
  t.equal(await host.must(['systemctl', 'is-active', 'idler']), 'active\n')

  await t.test('a plan shows what will go, in its order, and changes nothing', async (t) => {
    await roles('')
    const there = await host.snapshot()
    const shown = await host.exec(drover('plan'))
    t.equal(shown.code, EXIT.due)
    t.strictSame(diffSnapshots(there, await host.snapshot()), [])
    const { outcomes } = JSON.parse(shown.stdout) as RunResult
    const ids = outcomes.map(({ id }) => id)
    const before = (a: string, b: string) =>
      t.ok(ids.indexOf(a as never) < ids.indexOf(b as never), `${a} before ${b}`)
    before('service:idler.service', 'unit:idler.service')
    before('unit:idler.service', 'user:app')
    before('file:/srv/app/run', 'directory:/srv/app')
    before('directory:/srv/app', 'user:app')
    before('authorized-keys:app', 'user:app')
    before('user:app', 'group:crew')
    const text = (await host.exec(drover('plan').slice(0, -1))).stdout
    t.match(
      text,
      /^- user:app +web {2}roles\/web\/role\.yaml:6\n +no role declares it any more: put back as it was/m,
    )
    t.match(text, /touch \/srv\/left-by-a-command[\s\S]*what it did can not be taken back/)
  })

  await t.test('the host is as it was before, but for what a command did', async (t) => {
    const { outcomes } = await apply()
    t.same(
      outcomes.filter(({ status }) => status !== 'changed' && status !== 'settled'),
      [],
    )
    t.same(await differences(), [])
    t.equal(await host.must(['systemctl', 'is-active', 'other']), 'active\n')
    t.equal(await host.must(['systemctl', 'is-enabled', 'other']), 'enabled\n')
    t.equal((await host.exec(['systemctl', 'is-active', 'idler'])).stdout, 'inactive\n')
    t.match((await host.exec(['dpkg', '-l', 'alpha', 'beta'])).stdout, /^un|^$/)
    t.match(await host.must(['drover', 'local', 'owned', '--json']), /"owned": \[\]/)
    t.same((await apply()).outcomes, [], 'and that was all')
  })

  await t.test('what another role declares stays', async (t) => {
    await roles('web, shared')
    await apply()
    await roles('shared')
    await apply()
    t.equal(await host.must(['cat', '/etc/motd']), 'ours\n')
    await host.must(['getent', 'group', 'crew'])
    t.equal((await host.exec(['getent', 'passwd', 'app'])).code, 2)
    await roles('')
    await apply()
    t.same(await differences(), [])
  })

  await t.test('what others have done meanwhile is left alone', async (t) => {
    await roles('web')
    await apply()
    const edits = [
      'echo mine > /srv/app/data',
      'echo "umask 077" >> /etc/profile',
      'echo "192.0.2.9 theirs.example.org" >> /etc/hosts',
      'gpasswd -a games audio',
      'echo note > /home/app/note; chown app: /home/app/note',
    ]
    await host.must(['sh', '-ec', edits.join('\n')])
    await roles('')
    const { outcomes } = await apply()
    t.match(
      outcomes
        .filter(({ stays }) => stays !== undefined)
        .map(({ id, stays }) => `${id}: ${stays}`)
        .sort()
        .join('\n'),
      /^directory:\/srv\/app: .*not empty.*\nuser:app: its home \/home\/app stays/,
    )
    t.equal(await host.read('/srv/app/data'), 'mine\n')
    t.equal(await host.read('/home/app/note'), 'note\n')
    t.match(await host.read('/etc/hosts'), /theirs/)
    t.notMatch(await host.read('/etc/hosts'), /db\.example/)
    t.match(await host.read('/etc/profile'), /umask 077/)
    t.notMatch(await host.read('/etc/profile'), /umask 027/)
    t.equal(await host.must(['id', '-nG', 'games']), 'games audio\n')
  })

  await t.test('a service that ran before runs on without what is taken back', async (t) => {
    const nice = () => host.must(['sh', '-c', 'ps -o ni= -p $(systemctl show -P MainPID other)'])
    const invocation = () => host.must(['systemctl', 'show', '-P', 'InvocationID', 'other'])
    // The second time drover has changed the service itself.
    for (const state of ['enabled', 'disabled']) {
      await host.must(['systemctl', state === 'enabled' ? 'enable' : 'disable', '--quiet', 'other'])
      await roles('tuned')
      await apply()
      t.match(await nice(), /^ *5$/m)
      await roles('')
      const { outcomes } = JSON.parse((await host.exec(drover('plan'))).stdout) as RunResult
      const ids = outcomes.map(({ id }) => id)
      t.same(ids, ['unit:other.service.d/nice.conf', 'service:other.service'])
      t.match(outcomes[1], { status: 'planned', leaves: { role: 'tuned' } })
      t.match(JSON.stringify(outcomes[1]), '"restart","--","other.service"')
      const done = await apply()
      t.same(
        done.outcomes.map(({ id, status }) => [id, status]),
        ids.map((id) => [id, 'changed']),
      )
      t.match(await nice(), /^ *0$/m)
      t.equal((await host.exec(['systemctl', 'is-enabled', 'other'])).stdout, `${state}\n`)
      const now = await invocation()
      t.same((await apply()).outcomes, [])
      t.equal(await invocation(), now, 'it is restarted once')
    }
  })

  await t.test('a package that waits for the lock of dpkg lets nothing else wait', async (t) => {
    await roles('packaged')
    await apply()
    await roles('fresh')
    const until = (what: string) =>
      host.must(['sh', '-c', `for i in $(seq 600); do if ${what}; then exit 0; fi; sleep 0.1; done; exit 1`])
    await host.must(['systemd-run', '--collect', '--unit=upgrader', 'perl', '-e', HOLD])
    await until(`grep -q ":$(stat -c %i /var/lib/dpkg/lock-frontend) " /proc/locks`)
    await host.must(['systemd-run', '--collect', '--unit=apply', ...drover('apply'), '--yes'])
    await until('test -e /srv/fresh')
    await host.must(['dpkg', '-s', 'alpha'])
    t.equal(await host.read('/srv/theirs'), 'x', 'what the package needs stays until it has gone')
    await host.must(['systemctl', 'stop', 'upgrader'])
    await until('! systemctl is-active -q apply')
    t.not((await host.exec(['dpkg', '-s', 'alpha'])).code, 0)
    t.not((await host.exec(['test', '-e', '/srv/theirs'])).code, 0)
  })
})
