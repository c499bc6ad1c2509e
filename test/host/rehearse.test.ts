import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { EXIT } from '../../cli/exit.ts'
import type { Effect, Rehearsal } from '../../lib/rehearsal.ts'
import { bedReason, diffSnapshots, type Host, openBed } from '../bed/bed.ts'
import { BUNDLE, installAgent, letIn, openFleet } from '../helpers/fleet.ts'
import { isolate } from './repository.ts'

/** What a rehearsal shows is what an apply then does to the files of a real host, which it leaves as it was. */

const skip = bedReason() ?? false

// No link but the loopback.
const ALONE = 'test $(ip -o link | wc -l) = 1'
// Beside what a package does every day, its script tries in a rehearsal what would harm the host.
const POSTINST = `
mkdir -p /var/lib/demo
echo 'made by a script' > /var/lib/demo/state
echo "key of nobody" > /etc/demo/key && chmod 0600 /etc/demo/key
rm -f /etc/old.conf
test ! -e /etc/moves || mv /etc/moves /etc/moved
rm -rf /etc/olds && mkdir /etc/olds && echo new > /etc/olds/new
ln -s state /var/lib/demo/link
chmod 0700 /srv/mode && chown games:games /srv/mode
groupadd --system demo
systemctl daemon-reload
systemctl enable -q demo.service
systemctl start demo.service
systemctl restart cron.service
test -e /run/drover-rehearsal || exit 0
systemctl stop dbus.service
ip link add harm type bridge || true
sysctl -q -w net.ipv4.ip_forward=1 || true
kill -9 1 || true
mount -t tmpfs none /srv || true
mknod /srv/disk b 254 0 || true
timeout 5 sh -c 'echo hello > /dev/tcp/127.0.0.1/7' || true
test ! -e /run/dbus/system_bus_socket || exit 1
${ALONE}
`
const DEMO = {
  name: 'demo',
  version: '1.0',
  files: {
    '/etc/demo/demo.conf': 'packaged\n',
    '/usr/share/demo/data': 'data\n',
    '/lib/systemd/system/demo.service':
      '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n',
  },
  conffiles: ['/etc/demo/demo.conf'],
  postinst: POSTINST,
}
const SLOW = { name: 'slow', version: '1.0', postinst: 'sleep 300' }

const ROLE = `resources:
  - package: demo
  - file: /etc/demo/demo.conf
    content: "ours\\n"
    needs: [package:demo]
  - file: /etc/demo/extra.conf
    content: "extra\\n"
    needs: [package:demo]
  - service: demo.service
    restart_on: file:/etc/demo/demo.conf
  - command: cp /var/lib/demo/state /srv/copy
    creates: /srv/copy
  - command: alone in a rehearsal
    argv: [sh, -c, "test ! -e /run/drover-rehearsal || ${ALONE}"]
  - user: app
    system: true
  - sysctl: net.ipv4.conf.all.log_martians
    value: 1
  - file: /etc/motd
    content: "hello\\n"
`

t.test('a rehearsal on a real host', { skip, timeout: 600_000 }, async (t) => {
  const bed = await openBed(t)
  const host = await bed.host()
  await isolate(host, DEMO, SLOW)
  await host.write('/srv/site/drover.yaml', 'name: test\n')
  await host.write('/srv/site/hosts.yaml', 'hosts:\n  h: { roles: [test] }\n')
  await role(host, ROLE)
  await host.must([
    'sh',
    '-ec',
    'echo old > /etc/old.conf; mkdir -p /etc/olds /etc/moves/in /srv/mode; echo m > /etc/moves/in/m; echo a > /etc/olds/a',
  ])
  const local = (verb: string) => ['drover', 'local', verb, '/srv/site', '--host', 'h']
  const rehearse = local('rehearse')

  const planned = await host.exec(local('plan'))
  t.match(
    planned.stdout,
    /file:\/etc\/demo\/demo\.conf(.*\n)+?.*as things stand; package:demo changes first/,
    'the plan alone says what it waits for',
  )

  const before = await host.snapshot()
  const inner = (await host.must(['cat', '/proc/self/mountinfo'])).split('\n').length
  const said = await host.exec([...rehearse, '--json'], { timeoutMs: 120_000 })
  t.equal(said.code, 2, said.stderr)
  const rehearsal = JSON.parse(said.stdout) as Rehearsal
  t.same(diffSnapshots(before, await host.snapshot()), [], 'the host is as it was')
  t.equal(
    (await host.must(['cat', '/proc/self/mountinfo'])).split('\n').length,
    inner,
    'nothing stays mounted',
  )

  await t.test('shows what the plan could not', (t) => {
    const failed = rehearsal.outcomes.filter(({ status }) => !['changed', 'settled'].includes(status))
    t.same(failed, [], 'all of it can be done')
    const of = (path: string) => rehearsal.effects.find((one) => one.path === path)
    t.match(of('/etc/demo/demo.conf'), { by: 'file:/etc/demo/demo.conf', named: true, change: 'created' })
    t.match(of('/etc/demo/demo.conf')?.preview?.diff, '+ours')
    t.match(of('/var/lib/demo/state'), { by: 'package:demo', named: false, package: null })
    t.match(of('/var/lib/demo/state')?.preview?.diff, '+made by a script')
    t.match(of('/srv/copy'), { by: 'command:cp /var/lib/demo/state /srv/copy' })
    t.match(of('/usr/share/demo/data'), { package: 'demo', by: 'package:demo' })
    t.match(of('/etc/old.conf'), { change: 'removed' })
    t.match(of('/etc/olds/a'), { change: 'removed' })
    t.match(of('/etc/moved/in/m'), { change: 'created', by: 'package:demo' })
    t.match(of('/etc/moves/in/m'), { change: 'removed' })
    t.match(of('/etc/motd')?.preview?.diff, '+hello')
    t.match(of('/etc/demo/key'), { sha256: null, preview: { diff: null } })
    t.notMatch(said.stdout, 'key of nobody', 'what not everybody may read is not shown')
    t.match(rehearsal.settings, [{ field: 'net.ipv4.conf.all.log_martians', from: '0', to: '1' }])
    const asked = rehearsal.asked.map(({ verb, unit, by }) => `${by}: ${verb} ${unit}`)
    t.match(asked, [/package:demo: daemon-reload/])
    for (const one of ['start demo.service', 'restart cron.service', 'stop dbus.service'])
      t.ok(asked.includes(`package:demo: ${one}`), `${one} is only written down`)
    t.end()
  })

  await t.test('people see a line for a package, and what its scripts did', async (t) => {
    const { stdout, code } = await host.exec(rehearse, { timeoutMs: 120_000 })
    t.equal(code, 2)
    t.match(stdout, /\+\d+ paths of package demo/)
    t.match(stdout, /by scripts of demo:\n(.*\n)*\s+\+ \/var\/lib\/demo\/state \+1 -0/)
    t.match(stdout, 'would restart cron.service')
    t.match(stdout, 'the host is as it was')
    t.notMatch(stdout, '/usr/share/demo/data')
  })

  await t.test('dies with whoever began it, at any time', async (t) => {
    await role(host, 'resources:\n  - package: slow\n')
    await host.must(['systemd-run', '--collect', '--unit=began', '--', ...rehearse])
    await until(host, 'pgrep -x sleep', 0)
    const second = await host.exec(rehearse)
    t.match(second, { code: 1, stderr: /another rehearsal is under way/ })
    await host.must(['systemctl', 'kill', '--signal=SIGKILL', 'began.service'])
    await until(host, 'pgrep -x sleep', 1)
    await until(host, 'pgrep -f [r]ehearsal-process', 1)
    t.same(diffSnapshots(before, await host.snapshot()).filter(notOurs), [], 'the host is as it was')
    await role(host, 'resources:\n  - file: /etc/motd\n    content: "hello\\n"\n')
    t.equal((await host.exec(rehearse)).code, 2, 'the next one finds nobody in its way')
    await role(host, ROLE)
  })

  await t.test('is refused where nobody may mount', async (t) => {
    const { code, stderr } = await host.exec(['setpriv', '--bounding-set=-sys_admin', '--', ...rehearse])
    t.equal(code, 1)
    t.match(stderr, /a copy of this host can't be made: .*not permitted/)
    t.match(stderr, /hint: run it as root; a container must let/)
  })

  await t.test('works in the sandbox of the agent', async (t) => {
    const unit = readFileSync(new URL('../../../packaging/drover-agent.service', import.meta.url), 'utf8')
    const sandbox = [...unit.matchAll(/^(Lock\w+|Restrict\w+|CapabilityBoundingSet|LimitCORE|UMask)=.*$/gm)]
    t.ok(sandbox.length >= 5)
    const properties = sandbox.map(([line]) => `--property=${line}`)
    const words = ['systemd-run', '--pipe', '--wait', '--quiet', ...properties, '--', ...rehearse, '--json']
    const { code, stdout, stderr } = await host.exec(words, { timeoutMs: 120_000 })
    t.equal(code, 2, stderr)
    t.same(JSON.parse(stdout).effects.length, rehearsal.effects.length)
  })

  await t.test('an apply does to all files what the rehearsal said', async (t) => {
    const was = await host.snapshot({ except: VOLATILE })
    t.equal((await host.exec([...local('apply'), '--yes'], { timeoutMs: 120_000 })).code, 0)
    const is = await host.snapshot({ except: VOLATILE })
    equal(t, rehearsal.effects, was.files, is.files)
    t.match(await host.must(['systemctl', 'is-active', 'demo.service']), 'active')
  })

  await t.test('what no role declares any more is taken back, and an apply does just that', async (t) => {
    await role(host, 'resources:\n  - file: /etc/motd\n    content: "hello\\n"\n')
    const was = await host.snapshot({ except: VOLATILE })
    const planned = JSON.parse((await host.exec([...local('plan'), '--json'])).stdout) as Rehearsal
    const said = await host.exec([...rehearse, '--json'], { timeoutMs: 120_000 })
    t.equal(said.code, 2, said.stderr)
    const { outcomes, effects } = JSON.parse(said.stdout) as Rehearsal
    t.strictSame(diffSnapshots(was, await host.snapshot({ except: VOLATILE })), [])
    t.same(
      outcomes.map(({ id, leaves }) => [id, leaves?.place]),
      planned.outcomes.map(({ id, leaves }) => [id, leaves?.place]),
      'as the plan has it',
    )
    t.match(
      effects.find(({ path }) => path === '/etc/demo/extra.conf'),
      { change: 'removed', by: 'file:/etc/demo/extra.conf', named: true },
    )
    const done = await host.exec([...local('apply'), '--yes'], { timeoutMs: 120_000 })
    t.equal(done.code, 0, done.stdout)
    equal(t, effects, was.files, (await host.snapshot({ except: VOLATILE })).files, 10)
  })

  await t.test('no run changes the host below it, and it begins below none', async (t) => {
    await role(host, 'resources:\n  - package: slow\n')
    await host.must(['systemd-run', '--collect', '--unit=began', '--', ...rehearse])
    await until(host, 'pgrep -f [r]ehearsal-process', 0)
    const refused = { code: 1, stderr: /another run of drover is under way/ }
    t.match(await host.exec([...local('apply'), '--yes']), refused)
    await host.must(['systemctl', 'stop', 'began.service'])
    await host.must([
      'systemd-run',
      '--collect',
      '--unit=held',
      'flock',
      '/var/lib/drover/lock',
      'sleep',
      '300',
    ])
    await until(host, 'flock --nonblock /var/lib/drover/lock true', 1)
    t.match(await host.exec(rehearse), refused)
    await host.must(['systemctl', 'stop', 'held.service'])
  })

  await t.test('ends where it has no memory, no room or no time', async (t) => {
    const available = (kB: number) =>
      host.must([
        'sh',
        '-ec',
        `echo "MemAvailable: ${kB} kB" > /srv/mem; mount --bind /srv/mem /proc/meminfo`,
      ])
    await available(100_000)
    t.match(await host.exec(rehearse), {
      code: 1,
      stderr: /no room for a copy: 98 MB of memory are available/,
    })
    await available(140_000)
    await role(
      host,
      'resources:\n  - command: fills\n    argv: [sh, -c, "head -c 100M /dev/zero > /srv/large"]\n',
    )
    t.match(await host.exec(rehearse), { code: 1, stderr: /the copy has no room for more than 68 MB/ })
    await host.must(['umount', '/proc/meminfo', '/proc/meminfo'])

    await role(host, 'resources:\n  - package: slow\n')
    // A drover that waits for three seconds and not for ten minutes.
    const short = `mkdir -p /srv/short/dist
cd /srv/short
cp -r /opt/drover/dist/bundle dist
cp /opt/drover/package.json .
grep -l REHEARSAL_TIMEOUT_MS=6e5 dist/bundle/*.js
sed -i s/REHEARSAL_TIMEOUT_MS=6e5/REHEARSAL_TIMEOUT_MS=3e3/ dist/bundle/*.js`
    await host.must(['sh', '-ec', short])
    const { code, stderr } = await host.exec([
      'node',
      '/srv/short/dist/bundle/drover.js',
      ...rehearse.slice(1),
    ])
    t.equal(code, 1)
    t.match(stderr, /the rehearsal was ended after 3 s\nhint: .*give that resource a "timeout"/)
    await until(host, 'pgrep -f [r]ehearsal-process', 1)
  })
})

t.test('a master has a host rehearse', { skip, timeout: 300_000 }, async (t) => {
  const bed = await openBed(t)
  const host = await bed.host({ name: 'h' })
  await isolate(host, DEMO)
  const site = t.testdir({
    'drover.yaml': 'name: test\n',
    'hosts.yaml': 'hosts:\n  h: { roles: [test] }\n',
    roles: { test: { 'role.yaml': 'resources:\n  - file: /etc/motd\n    content: "first\\n"\n' } },
  })
  const fleet = await openFleet(undefined, site)
  t.teardown(() => fleet.close())
  await installAgent(host)
  await letIn(fleet, host)
  await until(host, 'grep -q first /etc/motd', 0)
  t.equal((await fleet.drover(['pause', 'h', '--for', '1h', '--why', 'to look'])).code, 0)
  const before = await host.snapshot({ except: ['/var/lib/drover'] })

  writeFileSync(join(fleet.site, 'roles/test/role.yaml'), ROLE)
  const rehearse = () => fleet.drover(['rehearse', 'h'])
  let said = await rehearse()
  // The master compiles what is new in its folder within moments.
  for (let i = 0; i < 20 && !said.stdout.includes('package demo'); i++) said = await rehearse()
  t.equal(said.code, 2, said.stderr)
  t.match(said.stdout, /^~ file:\/etc\/motd +test {2}roles\/test\/role.yaml:\d+$/m)
  t.match(said.stdout, /^ +-first\n +\+hello$/m)
  t.match(said.stdout, /by scripts of demo:\n(.*\n)*\s+\+ \/var\/lib\/demo\/state \+1 -0/)
  t.match(said.stdout, 'would restart cron.service')
  t.same(
    diffSnapshots(before, await host.snapshot({ except: ['/var/lib/drover'] })),
    [],
    'the host is as it was',
  )

  await t.test('and ends it when nobody waits any more', async (t) => {
    await isolate(host, SLOW)
    writeFileSync(join(fleet.site, 'roles/test/role.yaml'), 'resources:\n  - package: slow\n')
    const isUnderWay = async () => (await host.exec(['pgrep', '-x', 'sleep'])).code === 0
    const env = { PATH: process.env.PATH, DROVER_SERVER: `unix:${join(fleet.state, 'master.sock')}` }
    let ended: unknown[] = []
    for (let i = 0; i < 20 && ended[0] !== EXIT.interrupted; i++) {
      const child = spawn(process.execPath, [BUNDLE, 'rehearse', 'h'], { env, stdio: 'ignore' })
      const over = once(child, 'exit')
      // Until the master has compiled what is new, it is over soon.
      while (child.exitCode === null && !(await isUnderWay())) await pause(100)
      child.kill('SIGINT')
      ended = await over
    }
    t.equal(ended[0], EXIT.interrupted)
    await until(host, 'pgrep -x sleep', 1)
    await until(host, 'pgrep -f [r]ehearsal-process', 1)
  })
})

// Databases, logs and caches, of which a rehearsal says how many there are.
const VOLATILE = ['/var/lib/dpkg', '/var/lib/apt', '/var/cache', '/var/log', '/var/lib/drover']

/** The same paths, and of each the same kind, mode, owner and content. */
function equal(
  t: Test,
  effects: readonly Effect[],
  was: Record<string, string>,
  is: Record<string, string>,
  least = 20,
) {
  const paths = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort()
  const moved = paths.filter((path) => withoutTime(was[path]) !== withoutTime(is[path]))
  t.same(
    effects.map(({ path }) => path),
    moved,
    'the same paths',
  )
  t.ok(moved.length > least, `${moved.length} paths are others`)
  for (const { path, change, kind, sha256, changes } of effects) {
    const text = is[path] ?? ''
    const expected = change === 'removed' ? '' : kind
    t.equal(text.split(' ')[0], expected, `${path} is ${change}`)
    if (sha256 !== null) t.ok(text.endsWith(sha256), `${path} has the content`)
    const to = (field: string) => changes.find((one) => one.field === field)?.to
    if (to('mode')) t.equal(text.split(' ')[1], to('mode'), `${path} has the mode`)
    if (to('target')) t.ok(text.endsWith(` to ${to('target')}`), `${path} leads there`)
  }
}

const withoutTime = (text = '') => text.replace(/ \d{4}-\d\d-\d\dT\S+/, '')
const notOurs = (line: string) => !/began\.service|\/srv\/site\//.test(line)

const role = (host: Host, text: string) => host.write('/srv/site/roles/test/role.yaml', text)

async function until(host: Host, command: string, code: number): Promise<void> {
  for (let i = 0; (await host.exec(['sh', '-c', command])).code !== code; i++) {
    if (i > 300) throw new Error(`"${command}" did not come to exit with ${code}`)
    await pause(200)
  }
}
