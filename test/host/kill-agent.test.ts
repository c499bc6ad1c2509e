import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readJournal } from '../../agent/journal.ts'
import { readLedger } from '../../agent/ledger-file.ts'
import type { Outcome } from '../../lib/outcome.ts'
import { type Bed, bedReason, openBed } from '../bed/bed.ts'
import { numbersOf } from '../helpers/chance.ts'
import { bedMaster, giveSite } from '../helpers/give-work.ts'

/**
 * An agent that is killed again and again in its first run over 200 resources, before any effect from its start to its
 * end, and one that comes after it: together they leave the host, the ledger and the master's rows as one that was never
 * killed.
 *
 * `DROVER_KILLS` sets how many kills there are, several to each convergence, and `DROVER_SEED` where they are.
 */
const KILLS = Number(process.env.DROVER_KILLS ?? 24)
const SEED = Number(process.env.DROVER_SEED ?? 1)
const MAX_KILLS_EACH = 12
const HOSTS = 2
t.setTimeout(120_000 + KILLS * 20_000)

const EACH = 90
const SITE = {
  'drover.yaml': 'name: kill\n',
  'hosts.yaml': 'hosts:\n  bench: { roles: [kill] }\n',
  'roles/kill/role.yaml': `resources:
  - group: crew
  - user: app
    system: true
    groups: [crew]
    home: /srv/kill
  - directory: [/srv/kill, /srv/kill/new]
    owner: app
    mode: "0750"
  - for_each: range(${EACH})
    as: n
    file: "/srv/kill/{{ n }}.conf"
    mode: "0644"
    content: "ours {{ n }}\\n"
    restarts: "service:{{ 'early' if n < 30 else 'late' }}.service"
  - for_each: range(${EACH})
    as: n
    file: "/srv/kill/new/{{ n }}.conf"
    owner: app
    mode: "0600"
    content: "new {{ n }}\\n"
  - service: early.service
  - link: /srv/kill/current
    to: ./new
  - line: "/srv/kill/lines#one"
    text: one
  - line: "/srv/kill/lines#two"
    text: two = 2
    match: ^two
  - hosts-entry: db.example.org
    address: 192.0.2.7
  - cron: tick
    user: app
    schedule: "0 0 1 1 *"
    command: /bin/true
  - unit: mine.service
    content: |
      [Service]
      Type=oneshot
      RemainAfterExit=yes
      ExecStart=/bin/sh -c 'echo mine >> /srv/counted'
      [Install]
      WantedBy=multi-user.target
    restarts: service:mine.service
  - service: mine.service
  - service: late.service
  - file: /srv/kill/last
    content: "last\\n"
`,
}

/** What was there before drover, put by once. */
const PREPARE = `
mkdir -p /srv/before/kill/new /srv/before/etc
for n in $(seq 0 ${EACH - 1}); do echo "theirs $n" > /srv/before/kill/$n.conf; done
printf 'zero\\ntwo = 1\\n' > /srv/before/kill/lines
chown -R games:adm /srv/before/kill; chmod 0640 /srv/before/kill/*.conf; rmdir /srv/before/kill/new
cp -a /etc/passwd /etc/shadow /etc/group /etc/gshadow /etc/subuid /etc/subgid /etc/hosts /srv/before/etc
# What the host is made of takes a second to find out, and is no part of a run.
drover agent --once
mkdir /srv/before/state
cp -a /var/lib/drover/identity /var/lib/drover/hardware /srv/before/state
for name in early late; do cat > /etc/systemd/system/$name.service <<END
[Unit]
StartLimitIntervalSec=0
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'echo $name >> /srv/counted'
[Install]
WantedBy=multi-user.target
END
done
mkdir -p /etc/cron.d
systemctl enable -q early late
`
// As the unit of the agent has it: what an agent leaves behind ends with it.
const AS_UNIT = 'systemd-run --quiet --wait --collect --property=KillMode=mixed --property=UMask=0077'
const AGENT =
  '/usr/local/bin/node --import=/opt/drover/dist/test/helpers/kill-at.js /opt/drover/dist/bundle/drover.js'
/** Kills an agent at each of its arguments, counted from its own start; then one that lives. */
const CHAIN = `
systemctl disable -q --now mine 2>/dev/null
rm -rf /srv/kill /srv/counted /srv/killed /var/lib/drover /etc/systemd/system/mine.service /etc/cron.d/tick
cp -a /srv/before/kill /srv/kill; cp -a /srv/before/etc/. /etc; cp -a /srv/before/state /var/lib/drover
systemctl daemon-reload; systemctl restart early late; rm /srv/counted
# The last one more than once where a busy machine kept it from its master: what waits is told by the next.
for at in "$@" 0 0 0; do
  [ "$at" != 0 ] || ! tail -n 1 /srv/killed | grep -q '^ended' || ls /var/lib/drover/spool | grep -qE '\\.(run|sent)$' || break
  ${AS_UNIT} --setenv=KILL_AT=$at --setenv=KILL_LOG=/srv/killed ${AGENT} agent --once
  ls /var/lib/drover/spool 2>/dev/null | grep -E '\\.(run|sent)$'
done
cat /srv/killed
`
const LOOK = `
places='/srv/kill /etc/systemd/system /etc/cron.d /etc/hosts'
find $places -printf '%y %m %u:%g %p %l\\n' | sort
find $places -type f | sort | xargs sha256sum
id app; getent passwd app; getent group crew app; grep -c . /etc/shadow /etc/gshadow
systemctl show -p Id,ActiveState,UnitFileState,NeedDaemonReload early late mine
sort /srv/counted
ls /var/lib/drover /var/lib/drover/ledger /var/lib/drover/spool /var/lib/drover/ledger/content
find / -xdev \\( -name '.drover-*' -o -path '/var/lib/drover/*.new' \\) -printf 'left behind: %p\\n'
`

t.test('a killed agent is as if it never was', { skip: bedReason() ?? false }, async (t) => {
  const bed = await openBed(t)
  const scratch = t.testdir(Object.fromEntries(Array.from({ length: HOSTS }, (_, i) => [i, {}])))
  const places = await Promise.all(
    Array.from({ length: HOSTS }, (_, i) => open(t, bed, join(scratch, String(i)))),
  )
  const [first] = places
  if (first === undefined) throw new Error('no host')
  const whole = await first.live([])
  // A report that waited for its master came with the next life, which had nothing left to change.
  const changed = Math.max(...whole.rows.map(({ head }) => head.counts?.changed ?? 0))
  t.ok(changed > 190, `${changed} resources are changed`)
  t.match(whole.view, /^early\nlate\nmine$/m)
  const effects = Number(/^ended after (\d+)$/m.exec(whole.said)?.[1])
  t.ok(effects > 2000, `a life has ${effects} effects`)

  const killed: string[] = []
  const due = chains(effects)
  const work = async ({ live }: Place) => {
    for (let chain = due.pop(); chain !== undefined; chain = due.pop()) {
      const after = await live(chain)
      killed.push(...after.kills)
      await t.test(`killed ${after.kills.length} times`, async (t) => compare(t, after, whole))
    }
  }
  await Promise.all(places.map(work))
  t.comment(countsOf(killed))
  t.ok(killed.length > KILLS * 0.8, `${killed.length} of ${KILLS} agents were killed before their end`)
})

/** Where to kill the agents of each convergence: once or more, so that it comes to its end at about the last of them. */
function chains(effects: number): number[][] {
  const chance = numbersOf(SEED)
  const all: number[][] = []
  for (let left = KILLS; left > 0; left -= all.at(-1)?.length ?? 0) {
    const length = Math.min(left, 1 + Math.floor(chance() * MAX_KILLS_EACH))
    all.push(Array.from({ length }, () => 1 + Math.floor((chance() * 2 * effects) / (length + 1))))
  }
  return all
}

/** How many were killed before each kind of effect. */
function countsOf(killed: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const line of killed) {
    const kind = /, (\w+)/.exec(line)?.[1] ?? line
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return [...counts].map(([kind, count]) => `${kind} ${count}`).join(', ')
}

type Place = Awaited<ReturnType<typeof open>>
type Life = Awaited<ReturnType<Place['live']>>

async function open(t: Test, bed: Bed, scratch: string) {
  const host = await bed.host()
  const master = await bedMaster(t)
  await giveSite(host, master, scratch, SITE)
  const { mode } = master
  master.mode = { ...mode, mode: 'MODE_PAUSED' }
  await host.must(['sh', '-ec', PREPARE])
  master.mode = mode
  /** Agents that are killed there, and one that is not. */
  const live = async (kills: readonly number[]) => {
    master.rows.clear()
    const argv = ['sh', '-c', CHAIN, 'chain', ...kills.map(String)]
    const { stdout, stderr } = await host.exec(argv, { timeoutMs: 300_000 + kills.length * 20_000 })
    const state = join(host.root, 'var/lib/drover')
    return {
      kills: [...stdout.matchAll(/^killed at .*$/gm)].map(([line]) => line),
      said: `${stdout}${stderr}`,
      begun: [...stdout.matchAll(/^(\S+)\.(?:run|sent)$/gm)].map(([, id = '']) => id),
      rows: [...master.rows.values()],
      view: await host.must(['sh', '-c', LOOK]),
      journal: readJournal(state),
      ledger: ledgerOf(state),
      aside: readdirSync(join(state, 'spool/aside')),
    }
  }
  return { host, live }
}

function ledgerOf(state: string) {
  const { entries, ...rest } = readLedger(state)
  const sorted = [...entries].sort((a, b) => (a.id < b.id ? -1 : 1))
  return { ...rest, entries: sorted.map((entry) => ({ ...entry, since: 0 })) }
}

function compare(t: Test, after: Life, whole: Life): void {
  t.equal(after.view, whole.view, 'the host is the same, and restarts happened once', { said: after.said })
  t.same(after.ledger, whole.ledger, 'the ledger says the same')
  t.same(after.journal, { debts: [], directories: [], interrupted: false }, 'nothing is owed')
  t.same(after.aside, [], 'no report was refused')
  const told = after.rows.map(({ head }) => head.run_id)
  t.same(
    after.begun.filter((id) => !told.includes(id)),
    [],
    'a run that was begun is told',
  )
  const last = after.rows.at(-1)
  const { settled = 0, changed = 0, failed = 0, skipped = 0 } = last?.head.counts ?? {}
  const total = whole.rows.at(-1)?.head.counts
  t.same([failed, skipped, last?.head.problem], [0, 0, null], 'the last run is whole', { said: after.said })
  t.equal(settled + changed, (total?.settled ?? 0) + (total?.changed ?? 0), 'all is in order')
  for (const { body } of after.rows)
    t.ok(Array.isArray((JSON.parse(String(body)) as { outcomes: Outcome[] }).outcomes))
}
