import t, { type Test } from 'tap'
import type { RunResult } from '../../lib/outcome.ts'
import { bedReason, type Host, openBed } from '../bed/bed.ts'
import { settled } from './harness.ts'
import { type Deb, isolate } from './repository.ts'

/**
 * A dpkg that is killed in each of its scripts, and before any of its system calls that change something: the next run
 * completes what it was at, and says so.
 *
 * `DROVER_DPKG_KILLS` sets how many kills there are, spread over all points of an installation, an upgrade and a purge.
 */
const KILLS = Number(process.env.DROVER_DPKG_KILLS ?? 6)
t.setTimeout(300_000 + KILLS * 30_000)

const SYSCALLS = 'rename,link,unlink,rmdir,mkdir,symlink,fsync,fdatasync,ftruncate,chmod,fchown'
const SITE = '/srv/site'

const dying = (name: string) =>
  `[ "${name} $1" != "$(cat /srv/script)" ] || { rm /srv/script; kill -KILL $PPID; exit 1; }`
const deb = (version: string): Deb => ({
  name: 'victim',
  version,
  files: {
    '/etc/victim.conf': `version = ${version}\n`,
    '/usr/lib/victim/same': 'the same\n',
    '/usr/lib/victim/text': `text of ${version}\n`.repeat(999),
    [`/usr/lib/victim/${version}`]: 'there alone\n',
    '/usr/share/heard/victim': `${version}\n`,
  },
  conffiles: ['/etc/victim.conf'],
  preinst: dying('preinst'),
  postinst: dying('postinst'),
  prerm: dying('prerm'),
  postrm: dying('postrm'),
})
const HEARS: Deb = {
  name: 'hears',
  version: '1.0',
  triggers: 'interest /usr/share/heard',
  postinst: dying('hears'),
}

/** Each begins where the one before it has ended, the first again where the last has. */
const WORKS: readonly Work[] = [
  {
    declared: '{ package: victim, version: "1.0" }',
    scripts: ['preinst install', 'postinst configure', 'hears triggered'],
  },
  {
    declared: '{ package: victim, version: "2.0" }',
    scripts: ['prerm upgrade', 'preinst upgrade', 'postrm upgrade', 'postinst configure', 'hears triggered'],
  },
  {
    declared: '{ package: victim, absent: true, purge: true }',
    scripts: ['prerm remove', 'postrm remove', 'postrm purge', 'hears triggered'],
  },
]
type Work = { readonly declared: string; readonly scripts: readonly string[] }

/** A script with its first argument, or the nth call of that name in that phase of dpkg. */
type Point =
  | { readonly script: string }
  | { readonly phase: string; readonly call: string; readonly nth: number }

/** In place of dpkg, for apt: in the phase that `/srv/phase` names it is traced as `/srv/how` says. */
const DPKG = `#!/bin/sh
phase=
for word; do case $word in --unpack|--configure|--remove|--purge) phase=$word ;; esac; done
case $(cat /srv/phase 2>/dev/null) in
all) exec strace -qq -A -o "/srv/traced$phase" -e trace=${SYSCALLS} dpkg "$@" ;;
"$phase") [ -z "$phase" ] || { rm /srv/phase; exec strace -qq -o /dev/null -e "$(cat /srv/inject)" dpkg "$@"; } ;;
esac
exec dpkg "$@"
`

t.test('a dpkg that is killed is completed by the next run', { skip: bedReason() ?? false }, async (t) => {
  const bed = await openBed(t)
  const host = await bed.host()
  await host.must(['apt-get', 'install', '-y', '-q', 'strace'], { timeoutMs: 120_000 })
  await host.write('/srv/script', '')
  await isolate(host, deb('1.0'), deb('2.0'), HEARS)
  await host.must(['apt-get', 'install', '-y', '-q', 'hears'])
  await host.write('/srv/dpkg', DPKG, { mode: '0755' })
  await host.write('/etc/apt/apt.conf.d/99killed', 'Dir::Bin::dpkg "/srv/dpkg";\n')
  await host.write(`${SITE}/drover.yaml`, 'name: test\n')
  await host.write(`${SITE}/hosts.yaml`, 'hosts:\n  h: { roles: [test] }\n')

  const points: Point[][] = []
  for (const work of WORKS) points.push(await pointsOf(host, work))
  const rounds = Math.min(Math.ceil(KILLS / WORKS.length), Math.max(...points.map(({ length }) => length)))
  const seen = { killed: 0, recovered: 0 }
  for (let round = 0; round < rounds; round += 1)
    for (const [i, work] of WORKS.entries()) {
      const all = points[i] ?? []
      const point = all[Math.floor((round * all.length) / rounds)] as Point
      const came = await heals(t, host, work, point)
      if (came.killed) seen.killed += 1
      if (came.recovered) seen.recovered += 1
    }
  const tried = rounds * WORKS.length
  t.comment(`of ${points.flat().length} points ${tried} tried: ${JSON.stringify(seen)}`)
  t.ok(seen.killed >= tried * 0.8, `${seen.killed} of ${tried} were reached`)
  t.ok(seen.recovered > tried * 0.6, `${seen.recovered} of ${tried} left something half done`)
})

/** Where dpkg can be killed in a work, by a trace of it that is not. */
async function pointsOf(host: Host, work: Work): Promise<Point[]> {
  await host.must(['sh', '-c', 'rm -f /srv/traced*; echo all > /srv/phase'])
  const { outcomes } = await drover(host, 'apply', work)
  if (outcomes[0]?.status !== 'changed') throw new Error(JSON.stringify(outcomes))
  await host.must(['rm', '/srv/phase'])
  const traces = await host.must(['grep', '-oE', '^[a-z]+\\(', '-r', '/srv', '--include=traced--*'])
  const counts = new Map<string, number>()
  const calls = [...traces.matchAll(/^\/srv\/traced(\S+):(\w+)\($/gm)].map(([, phase = '', call = '']) => {
    const nth = (counts.get(phase + call) ?? 0) + 1
    counts.set(phase + call, nth)
    return { phase, call, nth }
  })
  return [...work.scripts.map((script) => ({ script })), ...calls]
}

const LEFT = 'ls /var/lib/dpkg/updates | grep -v tmp.i; dpkg --audit'
/** Also what dpkg names so while it works, and files that are not what their package holds. */
const REMAINS = `${LEFT}; find /etc /usr /var -xdev -name '*.dpkg-*'; dpkg --verify`

async function heals(t: Test, host: Host, work: Work, point: Point) {
  const name = 'script' in point ? point.script : `${point.phase} ${point.call} ${point.nth}`
  const came = { killed: true, recovered: false }
  await t.test(`${work.declared}, killed at ${name}`, async (t) => {
    if ('script' in point) await host.write('/srv/script', `${point.script}\n`)
    else {
      await host.write('/srv/inject', `inject=${point.call}:signal=SIGKILL:when=${point.nth}\n`)
      await host.write('/srv/phase', `${point.phase}\n`)
    }
    const [first] = (await drover(host, 'apply', work)).outcomes
    came.killed = first?.status === 'failed'
    if (came.killed)
      t.match(first, { code: 'internal', hint: /the next run completes/ }, 'what is next is said', { first })
    const left = (await host.exec(['sh', '-c', LEFT])).stdout
    const again = await drover(host, 'apply', work)
    const [outcome] = again.outcomes
    if (left === '') t.match(outcome, { status: /changed|settled/, recovered: undefined })
    else
      t.match(outcome, { status: 'changed', recovered: [/^(victim|hears)/] }, 'it says so', { left, again })
    came.recovered = outcome?.recovered !== undefined
    t.equal((await host.exec(['sh', '-c', REMAINS])).stdout, '', 'all of it is whole')
    settled(t, await drover(host, 'plan', work))
  })
  return came
}

async function drover(host: Host, verb: 'plan' | 'apply', { declared }: Work): Promise<RunResult> {
  await host.write(`${SITE}/roles/test/role.yaml`, `resources:\n  - ${declared}\n`)
  const yes = verb === 'apply' ? ['--yes'] : []
  const argv = ['drover', 'local', verb, SITE, '--host', 'h', ...yes, '--output', 'json']
  return JSON.parse((await host.exec(argv)).stdout)
}
