import t, { type Test } from 'tap'
import { EXIT } from '../../cli/exit.ts'
import type { RunResult } from '../../lib/outcome.ts'
import { bedReason, openBed } from '../bed/bed.ts'
import type { Host } from '../bed/host.ts'

/**
 * A run that is killed at any point, and one more run after it, end in the state of a run that was never killed:
 * nothing is half-written, and each restart that was owed happened exactly once.
 *
 * So does a run in which the disk answers a sync with an error, once or from then on; what failed there is untouched.
 *
 * `DROVER_KILLS` sets how many points are tried; they are spread over all system calls that change something. Syncs
 * are a tenth of it.
 */
t.setTimeout(900_000)
const KILLS = Number(process.env.DROVER_KILLS ?? 20)
const SYNCS = Math.ceil(KILLS / 10)
const FILES = 40
// Of these at least one is made for every effect of a run, by the thread that runs it.
const SYSCALLS = 'write,fsync,rename,fchown,fchmod,chmod,unlink,symlink,mkdir,clone,clone3,vfork'

const ROLE = `description: Everything that a killed run could leave half done.
params:
  generation: { type: integer, required: true }
resources:
  - directory: /srv/kill
  - directory: "/srv/kill/{{ params.generation }}"
    mode: "0750"
  - for_each: range(${FILES})
    as: n
    file: "/srv/kill/{{ n }}.conf"
    mode: "{{ '0600' if params.generation % 2 else '0640' }}"
    content: "file {{ n }} of generation {{ params.generation }}\\n"
    restarts: service:counted.service
  - link: /srv/kill/current
    to: "./{{ params.generation }}"
  - file: /etc/systemd/system/counted.service
    restarts: service:counted.service
    content: |
      [Unit]
      StartLimitIntervalSec=0
      [Service]
      Type=oneshot
      RemainAfterExit=yes
      ExecStart=/bin/sh -c 'cat /srv/kill/0.conf >> /var/lib/counted'
      [Install]
      WantedBy=multi-user.target
  - service: counted.service
  - file: /srv/kill/last
    content: "{{ params.generation }}\\n"
`

const apply = ['drover', 'local', 'apply', '/srv/site', '--host', 'h', '--yes']
const starts = async (host: Host) => (await host.read('/var/lib/counted')).trimEnd().split('\n')

t.test('a killed run is as if it never was', { skip: bedReason() ?? false }, async (t) => {
  const bed = await openBed(t)
  const host = await bed.host()
  await host.must(['apt-get', 'install', '-y', '-q', 'strace'], { timeoutMs: 120_000 })
  const generation = async (n: number) => {
    await host.write('/srv/site/drover.yaml', 'name: kill\n')
    await host.write('/srv/site/hosts.yaml', `hosts:\n  h: { roles: [kill], vars: { generation: ${n} } }\n`)
    await host.write('/srv/site/roles/kill/role.yaml', ROLE)
  }
  await generation(0)
  await host.must(apply)
  t.same(await starts(host), ['file 0 of generation 0'])

  await generation(1)
  await host.must(['strace', '-o', '/tmp/calls', '-e', `trace=${SYSCALLS}`, ...apply])
  const calls = [...(await host.read('/tmp/calls')).matchAll(/^([a-z0-9]+)\(/gm)].map(([, name = '']) => name)
  t.ok(calls.length > 200, `a run makes ${calls.length} of these system calls`)
  t.same(await starts(host), ['file 0 of generation 0', 'file 0 of generation 1'])

  let killed = 0
  for (let i = 0; i < KILLS; i++) {
    const n = i + 2
    const at = pointOf(i, calls.length)
    await generation(n)
    // strace counts each system call by itself.
    const name = calls[at] ?? 'write'
    const nth = calls.slice(0, at + 1).filter((call) => call === name).length
    const inject = `inject=${name}:signal=SIGKILL:when=${nth}`
    const run = await host.exec(['strace', '-o', '/dev/null', '-e', inject, ...apply])
    if (run.code !== 0) killed += 1
    const healed = await host.exec(apply)
    if (healed.code !== 0)
      t.fail(`call ${at}: the run after the kill exited ${healed.code}: ${healed.stdout}${healed.stderr}`)
    await look(t, host, n, `killed at call ${at}`)
  }
  t.ok(killed >= KILLS * 0.9, `${killed} of ${KILLS} runs were killed before their end`)

  const syncs = calls.filter((call) => call === 'fsync').length
  let failed = 0
  for (let i = 0; i < SYNCS; i++) {
    const n = KILLS + 2 + i
    await generation(n)
    const nth = 1 + Math.floor(((i + 0.5) * syncs) / SYNCS)
    failed += await failsAt(t, host, n, `${nth}${i % 2 === 0 ? '' : '+'}`)
    await host.must(apply)
    // What had failed changes in the second run, for which there is a restart of its own.
    await look(t, host, n, `without an answer to sync ${nth} of ${syncs}`, 2)
  }
  t.ok(failed > 0, `${failed} resources failed`)
})

/** Makes a run whose nth sync fails, looks at what it says and leaves, and returns how many resources failed. */
async function failsAt(t: Test, host: Host, n: number, when: string): Promise<number> {
  const strace = ['strace', '-o', '/dev/null', '-e', `inject=fsync,fdatasync:error=EIO:when=${when}`]
  const { code, stdout, stderr } = await host.exec([...strace, ...apply, '--output', 'json'])
  t.ok(
    code === EXIT.done || code === EXIT.resourceFailed || code === EXIT.failed,
    `sync ${when}: exited ${code}`,
  )
  if (code === EXIT.failed) t.match(stderr, /EIO.*dmesg/s)
  const { outcomes } = code === EXIT.failed ? { outcomes: [] } : (JSON.parse(stdout) as RunResult)
  const failed = outcomes.filter(({ status }) => status === 'failed')
  for (const one of failed) t.match(one, { code: 'unavailable', reason: /^EIO/, hint: /dmesg/ })
  const texts = (await host.must(['sh', '-c', 'cat /srv/kill/*.conf'])).trimEnd().split('\n')
  t.equal(texts.length, FILES)
  for (const text of texts) {
    const [, f, of] = /^file (\d+) of generation (\d+)$/.exec(text) ?? []
    const isFailed = failed.some(({ id }) => id === `file:/srv/kill/${f}.conf`)
    if (Number(of) !== n - 1 && (isFailed || Number(of) !== n)) t.fail(`sync ${when}: "${text}"`)
  }
  return failed.length
}

/** Half of the points are even over the whole run, half are close together where services are restarted. */
function pointOf(i: number, total: number): number {
  const half = Math.ceil(KILLS / 2)
  const late = i - half
  return i < half ? Math.floor((i * total) / half) : Math.max(0, total - 1 - Math.floor((late * 80) / half))
}

async function look(t: Test, host: Host, n: number, where: string, mostRestarts = 1): Promise<void> {
  const mode = n % 2 ? '600' : '640'
  const files = await host.must(['find', '/srv/kill', '/etc/systemd/system', '-name', '.drover-*'])
  t.equal(files, '', `${where}: no temporary file is left`)
  const texts = await host.must(['sh', '-c', 'cat /srv/kill/*.conf /srv/kill/last'])
  const wanted = [...Array(FILES).keys()].map((f) => `file ${f} of generation ${n}`)
  t.same(
    texts.trimEnd().split('\n').sort(),
    [...wanted, `${n}`].sort(),
    `${where}: every file is whole and new`,
  )
  const modes = await host.must(['sh', '-c', 'stat -c %a /srv/kill/*.conf | sort -u'])
  t.equal(modes.trim(), mode, `${where}: every mode is as declared`)
  t.equal((await host.must(['readlink', '/srv/kill/current'])).trim(), `./${n}`)
  const restarts = (await starts(host)).filter((line) => line === `file 0 of generation ${n}`)
  t.ok(
    restarts.length > 0 && restarts.length <= mostRestarts,
    `${where}: restarted ${restarts.length} times of ${mostRestarts}`,
  )
  const checked = await host.exec(['drover', 'local', 'plan', '/srv/site', '--host', 'h'])
  t.equal(checked.code, 0, `${where}: nothing is due: ${checked.stdout}`)
}
