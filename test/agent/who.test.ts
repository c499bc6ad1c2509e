import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openWitness, type Sources, told } from '../../agent/who.ts'
import { MAX_EVIDENCE, MAX_EVIDENCE_CHARACTERS } from '../../lib/limits.ts'

const NOW = Date.now()
const stamp = (at: number) => {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString()
  return `${local.slice(0, 10)} ${local.slice(11, 19)}`
}
const entry = (MESSAGE: unknown, at = NOW - 1000) =>
  JSON.stringify({ __REALTIME_TIMESTAMP: String(at * 1000), MESSAGE })

/** A host of which the journal says this. */
function setUp(t: Test, journal: readonly string[] = []) {
  const dir = t.testdir({ sessions: {}, 'dpkg.log': '' })
  const asked: (readonly string[])[] = []
  const sources: Sources = {
    dpkgLog: join(dir, 'dpkg.log'),
    sessions: join(dir, 'sessions'),
    async ask(argv) {
      asked.push(argv)
      return { code: 0, stdout: `${journal.join('\n')}\n` }
    },
  }
  return { dir, sources, asked, witness: openWitness(sources) }
}

t.test(
  'sudo is told with who, where and which program, never with its arguments, and not when it was refused',
  async (t) => {
    const { witness, asked } = setUp(t, [
      entry('    anna : TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND=/usr/bin/mysql -psecret --user x'),
      entry('  berta : command not allowed ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh -c secret'),
      entry('  berta : 3 incorrect password attempts ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh'),
      entry('    carl : TTY=unknown ; PWD=/ ; USER=root ; ENV=KEY=secret ; COMMAND=/bin/true'),
      entry('    emil : PWD=/srv ; USER=root ; COMMAND=/usr/bin/dd ; TTY=secret ; COMMAND=secret'),
      entry('(to root) dora on pts/2'),
      entry('pam_unix(sudo:session): session opened for user root(uid=0) by (uid=1000) secret'),
      entry([115, 101, 99]),
      entry('    old : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/x', NOW - 3_600_000),
      entry('    late : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/x', NOW + 60_000),
      '{ "half": ',
    ])
    const facts = await witness.around(NOW, NOW)
    t.same(
      facts.map(({ text }) => text),
      [
        'sudo by anna on pts/0 in /home/anna ran /usr/bin/mysql',
        'sudo by carl on unknown in / ran /bin/true',
        'sudo by emil in /srv ran /usr/bin/dd',
        'su to root by dora on pts/2',
      ],
    )
    t.notMatch(JSON.stringify(facts), /secret/)
    t.match(asked[0]?.join(' '), /^journalctl .*--lines=50 _EXE=\/usr\/bin\/sudo _EXE=\/usr\/bin\/su$/)
    await witness.around(NOW, NOW)
    t.equal(asked.length, 1, 'the journal is not asked again at once')
  },
)

t.test('packages that came and went within the minute before, and no others', async (t) => {
  const { witness, sources } = setUp(t)
  appendFileSync(sources.dpkgLog, `${'x'.repeat(100_000)}\n`)
  const lines = [
    `${stamp(NOW - 3_600_000)} install old:amd64 <none> 1`,
    `${stamp(NOW - 5000)} startup archives unpack`,
    `${stamp(NOW - 5000)} install nginx:amd64 <none> 1.22.1-9`,
    `${stamp(NOW - 4000)} status installed nginx:amd64 1.22.1-9`,
    `${stamp(NOW - 3000)} remove apache2:amd64 2.4 <none>`,
    `${stamp(NOW + 5000)} install own:amd64 <none> 1`,
  ]
  appendFileSync(sources.dpkgLog, `${lines.join('\n')}\n`)
  t.same(
    (await witness.around(NOW, NOW)).map(({ kind, text }) => [kind, text]),
    [
      ['package', 'package nginx installed (1.22.1-9)'],
      ['package', 'package apache2 removed (2.4)'],
    ],
  )
})

t.test('sessions of people that are open', async (t) => {
  const { witness, sources } = setUp(t)
  const started = (NOW - 3_600_000) * 1000
  const session = (name: string, lines: string[]) =>
    writeFileSync(join(sources.sessions, name), `# private\n${lines.join('\n')}\nREALTIME=${started}\n`)
  session('1', ['UID=1000', 'USER=anna', 'CLASS=user', 'TTY=pts/0', 'SERVICE=sshd', 'REMOTE_HOST=192.0.2.7'])
  session('c2', ['UID=0', 'USER=root', 'CLASS=background', 'SERVICE=cron'])
  session('3', ['UID=1001', 'USER=berta', 'CLASS=user', 'SERVICE=su-l'])
  mkdirSync(join(sources.sessions, 'dir.ref'))
  t.same(
    (await witness.around(NOW, NOW)).map(({ at, text }) => [at, text]),
    [
      [NOW - 3_600_000, 'session of anna on pts/0 from 192.0.2.7'],
      [NOW - 3_600_000, 'session of berta on su-l'],
    ],
  )
})

t.test('a file says when it was changed and whose it is; one that was left alone says nothing', async (t) => {
  const { witness, dir } = setUp(t)
  const path = join(dir, 'dpkg.log')
  chmodSync(path, 0o600)
  const owner = process.getuid?.() === 0 ? 'root' : '\\w+'
  const absent = [join(dir, 'none'), join(path, 'below-a-file')]
  t.match(witness.look([...absent, path], Date.now()), [
    { kind: 'file', text: new RegExp(`^${path} of ${owner} changed$`) },
  ])
  t.same(witness.look([path], Date.now() + 600_000), [])
})

t.test('a host with none of it, or of which nothing can be asked, has nothing to tell', async (t) => {
  const { sources } = setUp(t)
  const nowhere = { ...sources, dpkgLog: '/nowhere', sessions: '/nowhere' }
  const witness = openWitness({ ...nowhere, ask: async () => ({ code: 127, stdout: '' }) })
  t.same(await witness.around(NOW, NOW), [])
})

t.test('what is told is bounded, newest first, and once a minute each', async (t) => {
  const at = NOW - (NOW % 60_000)
  const facts = Array.from({ length: 100 }, (_, i) => ({
    at: at - i * 60_000,
    kind: 'sudo',
    text: 'x'.repeat(500),
  }))
  const all = told([...facts.slice(0, 3), ...facts, ...facts.map((one) => ({ ...one, at: one.at + 5 }))])
  t.equal(all.length, MAX_EVIDENCE)
  t.equal(all[0]?.at, at + 5)
  t.equal(all[1]?.at, at + 5 - 60_000)
  t.equal(all[0]?.text.length, MAX_EVIDENCE_CHARACTERS)
})
