import t, { type Test } from 'tap'
import { bedReason, openBed } from '../bed/bed.ts'
import type { Host } from '../bed/host.ts'

/**
 * What was on a real host before drover first changed it is in the ledger, wherever a run is killed.
 *
 * `DROVER_KILLS` sets how many points are tried.
 */
t.setTimeout(900_000)
const KILLS = Number(process.env.DROVER_KILLS ?? 24)
const FILES = 12
const SYSCALLS = 'write,fsync,rename,fchown,chmod,symlink,mkdir,clone,clone3,vfork'

const ROLE = `resources:
  - for_each: range(${FILES})
    as: n
    file: "/srv/old/{{ n }}.conf"
    mode: "0644"
    content: "drover {{ n }}\\n"
  - file: /srv/new/a.conf
    content: "drover\\n"
  - directory: /srv/new
  - link: /srv/link
    to: /srv/new
  - group: crew
  - user: app
    system: true
    groups: [crew]
  - user: games
    shell: /bin/false
  - unit: mine.service
    content: |
      [Service]
      ExecStart=/bin/sleep infinity
      [Install]
      WantedBy=multi-user.target
  - service: mine.service
  - hosts-entry: db.example.org
    address: 192.0.2.7
`
const LEAN = 'resources:\n  - directory: /srv/new\n'

const apply = ['drover', 'local', 'apply', '/srv/site', '--host', 'h', '--yes']

t.test('the ledger of a real host', { skip: bedReason() ?? false }, async (t) => {
  const bed = await openBed(t)
  const host = await bed.host()
  await host.must(['apt-get', 'install', '-y', '-q', 'strace'], { timeoutMs: 120_000 })
  await host.write('/srv/site/drover.yaml', 'name: ledger\n')
  await host.write('/srv/site/hosts.yaml', 'hosts:\n  h: { roles: [web] }\n')
  const role = (text: string) => host.write('/srv/site/roles/web/role.yaml', text)
  await role(ROLE)
  await restore(host)

  t.match(await host.exec(['drover', 'local', 'owned']), {
    code: 0,
    stdout: '',
    stderr: /made or changed nothing/,
  })
  await host.must(['strace', '-o', '/tmp/calls', '-e', `trace=${SYSCALLS}`, ...apply])
  const calls = [...(await host.read('/tmp/calls')).matchAll(/^([a-z0-9]+)\(/gm)].map(([, name = '']) => name)
  await t.test('says what was there before', (t) => look(t, host))

  await t.test('says so wherever a run was killed', async (t) => {
    let killed = 0
    for (let i = 0; i < KILLS; i++) {
      await restore(host)
      const at = Math.floor((i * calls.length) / KILLS)
      // strace counts each system call by itself.
      const name = calls[at] ?? 'write'
      const nth = calls.slice(0, at + 1).filter((call) => call === name).length
      const inject = `inject=${name}:signal=SIGKILL:when=${nth}`
      if ((await host.exec(['strace', '-o', '/dev/null', '-e', inject, ...apply])).code !== 0) killed += 1
      await host.must(apply)
      t.comment(`killed at call ${at}, ${name}`)
      await look(t, host)
    }
    // One that makes fewer calls than the first is not reached where that one ended.
    t.ok(killed > KILLS * 0.75, `${killed} of ${KILLS} runs were killed before their end`)
  })

  await t.test('what leaves the catalog is as it was before all the runs that were killed', async (t) => {
    await role(LEAN)
    await host.must(apply)
    t.equal(await host.read('/srv/old/0.conf'), 'theirs 0\n')
    t.equal(await host.must(['stat', '-c', '%a %U %G', '/srv/old/0.conf']), '640 games adm\n')
    t.equal((await host.exec(['getent', 'passwd', 'app'])).code, 2)
    const { stdout } = await host.exec(['drover', 'local', 'owned'])
    t.match(stdout, /^directory:\/srv\/new .* web$/m)
    t.match(stdout, /^1 resource$/m)
  })
})

/** The host as it was before drover. */
async function restore(host: Host): Promise<void> {
  const lines = [
    'systemctl disable -q --now mine.service 2>/dev/null',
    'rm -rf /var/lib/drover /srv/old /srv/new /srv/link /etc/systemd/system/mine.service',
    'systemctl daemon-reload',
    'userdel app 2>/dev/null; groupdel crew 2>/dev/null; usermod -s /usr/sbin/nologin games',
    "sed -i '/db.example.org/d' /etc/hosts",
    'mkdir /srv/old',
    `for n in $(seq 0 ${FILES - 1}); do echo "theirs $n" > /srv/old/$n.conf; done`,
    'chown games:adm /srv/old/*.conf; chmod 0640 /srv/old/*.conf',
  ]
  await host.must(['sh', '-c', `${lines.join('\n')}\ntrue`])
}

type View = {
  readonly id: string
  readonly claims: readonly { role: string }[]
  readonly before: { readonly kind: string; readonly paths: readonly { readonly content: string | null }[] }
}

async function look(t: Test, host: Host): Promise<void> {
  const { owned } = JSON.parse(await host.must(['drover', 'local', 'owned', '--json'])) as { owned: View[] }
  const kinds = Object.fromEntries(owned.map(({ id, before }) => [id, before.kind]))
  const files = [...Array(FILES).keys()].map((n) => [`file:/srv/old/${n}.conf`, 'file'])
  t.same(kinds, {
    ...Object.fromEntries(files),
    ...{ 'file:/srv/new/a.conf': 'absent', 'directory:/srv/new': 'absent', 'link:/srv/link': 'absent' },
    ...{ 'group:crew': 'absent', 'user:app': 'absent', 'user:games': 'state' },
    ...{
      'unit:mine.service': 'absent',
      'service:mine.service': 'state',
      'hosts-entry:db.example.org': 'state',
    },
  })
  t.match(
    owned.find(({ id }) => id === 'file:/srv/old/3.conf'),
    {
      claims: [{ role: 'web', place: /^roles\/web\/role\.yaml:\d+$/ }],
      before: { paths: [{ kind: 'file', mode: '0640', owner: 'games', group: 'adm', content: 'kept' }] },
    },
  )
  const kept = await host.must([
    'sh',
    '-c',
    'cd /var/lib/drover/ledger/content && for f in *; do echo "$f"; cat "$f"; done',
  ])
  for (const n of Array(FILES).keys()) t.match(kept, `theirs ${n}\n`, `the content of ${n}.conf is kept`)
  t.notMatch(kept, 'drover', 'nothing of our own is')
}
