import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { bedReason, diffSnapshots, type Host, openBed } from '../bed/bed.ts'
import { hostIds, readRecord } from '../bed/record.ts'
import { leaderOf } from '../bed/start.ts'
import { waitFor } from '../bed/wait.ts'

t.setTimeout(600_000)
const skip = bedReason() ?? false
/** With room for a busy machine; alone it takes half a second. */
const MAX_BOOT_MS = 10_000

t.test('two hosts of a bed', { skip }, async (t) => {
  const bed = await openBed(t)
  const startedMs = performance.now()
  const [one, two] = await Promise.all([bed.host(), bed.host({ name: 'second' })])
  const tookMs = Math.round(performance.now() - startedMs)

  t.test('have booted soon', async (t) => {
    t.comment(`two hosts in ${tookMs} ms`)
    t.ok(tookMs < MAX_BOOT_MS)
    t.equal((await one.exec(['systemctl', 'is-system-running'])).stdout.trim(), 'running')
    t.equal((await two.must(['hostname'])).trim(), 'second')
  })

  t.test('find and reach each other by name', async (t) => {
    t.equal((await one.must(['getent', 'hosts', 'second'])).split(/\s+/)[0], two.address)
    await one.must(['ping', '-c1', '-W2', 'second'])
    await two.must(['ping', '-c1', '-W2', one.name])
  })

  t.test('have an identity and a cgroup of their own', async (t) => {
    t.not(await one.read('/etc/machine-id'), await two.read('/etc/machine-id'))
    await one.must(['systemctl', 'kill', '--signal=KILL', 'cron.service'])
    t.equal((await two.must(['systemctl', 'is-active', 'cron.service'])).trim(), 'active')
    t.not((await one.exec(['date', '--set=now'])).code, 0, 'a host cannot set the clock of the machine')
    t.match(await one.read('/proc/self/cgroup'), /0::\/init.scope/)
  })

  t.test('see node and the checkout, and cannot write to them', async (t) => {
    t.equal((await one.must(['node', '--version'])).trim(), process.version)
    t.match(await one.read('/opt/drover/package.json'), /"name": "drover"/)
    t.not((await one.exec(['touch', '/opt/drover/package.json'])).code, 0)
  })

  t.test('say how a command ended', async (t) => {
    t.match(await one.exec(['sh', '-c', 'cat; echo $X >&2; exit 7'], { stdin: 'in', env: { X: 'x' } }), {
      code: 7,
      stdout: 'in',
      stderr: 'x\n',
    })
    await t.rejects(one.must(['false']), { message: /host .*"false" exited 1/ })
    await t.rejects(one.exec(['sleep', '60'], { timeoutMs: 100 }), { message: /took more than 100 ms/ })
    const gone = async () => ((await one.must(['ps', 'ax'])).includes('sleep 60') ? null : true)
    t.ok(await waitFor(gone, { timeoutMs: 5000 }), 'and nothing is left of what took too long')
    t.equal(await one.exec(['sh', '-c', 'sleep 5 & echo on']).then(({ stdout }) => stdout), 'on\n')
  })

  t.test('are the same in two snapshots while nobody does anything', (t) => idle(t, one))
  t.test('show in a snapshot what was done by hand', (t) => damaged(t, two))

  t.test('go with the process that made them, even when it is killed', (t) => orphaned(t))

  t.test('install packages', async (t) => {
    const env = { DEBIAN_FRONTEND: 'noninteractive' }
    const argv = ['apt-get', 'install', '-y', '-q', '--no-install-recommends', 'tree']
    // The way to the mirror may be away for a while, with the machine's own resolver.
    const installed = async () => {
      const { code, stderr } = await one.exec(argv, { timeoutMs: 120_000, env })
      if (code === 0) return true
      t.comment(stderr, readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'))
      return null
    }
    t.ok(await waitFor(installed, { timeoutMs: 240_000, everyMs: 5000 }))
    t.match(await one.must(['tree', '--version']), /tree v/)
    t.not((await two.exec(['tree', '--version'])).code, 0)
  })

  t.test('keep their disk when they are started again', async (t) => {
    await one.write('/var/lib/kept', 'kept\n', { mode: '0600' })
    await one.write('/run/lost', '')
    for (const hard of [false, true]) {
      await one.reboot({ hard })
      t.equal(await one.read('/var/lib/kept'), 'kept\n')
      t.not((await one.exec(['test', '-e', '/run/lost'])).code, 0)
    }
    await one.must(['ping', '-c1', '-W2', 'second'])
  })
})

t.test('a host with the capabilities of an LXC container', { skip }, async (t) => {
  const host = await (await openBed(t)).host({ capabilities: 'lxc' })
  t.equal((await host.must(['systemd-detect-virt'])).trim(), 'lxc')
  t.match(await host.exec(['mknod', '/tmp/null', 'c', '1', '3']), { code: 1, stderr: /not permitted/ })
})

async function idle(t: Test, host: Host): Promise<void> {
  const first = await host.snapshot()
  const startedMs = performance.now()
  const second = await host.snapshot()
  t.comment(`${Object.keys(first.files).length} files in ${Math.round(performance.now() - startedMs)} ms`)
  t.strictSame(diffSnapshots(first, second), [])
}

async function damaged(t: Test, host: Host): Promise<void> {
  const before = await host.snapshot({ except: ['/var/log'] })
  await host.hurt.append('/etc/motd')
  await host.hurt.chmod('/etc/crontab', '0600')
  await host.hurt.stopUnit('cron.service')
  await host.must(['sysctl', '-qw', 'net.ipv4.ip_forward=1'])
  await host.must(['nft', 'add', 'table', 'inet', 'mine'])
  await host.hurt.remove('/etc/issue.net')
  const lines = diffSnapshots(before, await host.snapshot({ except: ['/var/log'] })).map(
    (line) => line.split(':')[0],
  )
  const expected = ['files /etc/crontab', 'files /etc/issue.net', 'files /etc/motd', 'units cron.service']
  for (const line of [...expected, 'sysctls net.ipv4.ip_forward', 'network nftables'])
    t.ok(lines.includes(line), line)
}

/** What another test would be that is killed in the middle. */
const VICTIM = `
  import { openBed } from ${JSON.stringify(new URL('../bed/bed.js', import.meta.url))}
  const bed = await openBed()
  const host = await bed.host()
  process.stdout.write(host.id)
  setInterval(() => {}, 1000)
`

async function orphaned(t: Test): Promise<void> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', VICTIM], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await once(child.stdout, 'data')
  const id = String(said)
  const supervisor = readRecord(id)?.supervisor
  if (!supervisor) throw new Error(`host ${id} has no supervisor`)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const off = await waitFor(() => (leaderOf(supervisor) === null ? true : null), { timeoutMs: 10_000 })
  t.ok(off, 'its systemd is gone at once')
  await (await openBed()).close()
  t.notOk(hostIds().includes(id), 'its directory is gone when the next bed opens')
  t.notMatch(readFileSync('/proc/self/mounts', 'utf8'), `/${id}/`)
}
