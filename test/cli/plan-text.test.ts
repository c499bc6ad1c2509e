import t from 'tap'
import { originsOf, outcomeLines, type Show } from '../../cli/plan-text.ts'
import { openPrint, type When } from '../../cli/print.ts'
import { summaryLine } from '../../cli/summary-text.ts'
import type { Argv } from '../../lib/host.ts'
import type { Outcome, Owed, Preview } from '../../lib/outcome.ts'
import type { Change, ResourceId } from '../../lib/state.ts'
import { type AptStep, command } from '../../lib/step.ts'

const change = (field: string, from: unknown, to: unknown): Change => ({ field, from, to })
const CREATED = change('exists', false, true)
const REMOVED = change('exists', true, false)

type Planned = Extract<Outcome, { status: 'planned' }>
const planned = (id: ResourceId, changes: readonly Change[], more: Partial<Planned> = {}): Planned => ({
  id,
  status: 'planned',
  changes,
  steps: [],
  with: null,
  previews: [],
  after: [],
  unknown: null,
  ...more,
})
const preview = (path: string, diff: string | null, more: Partial<Preview> = {}): Preview => {
  const count = (mark: string) => diff?.split('\n').filter((line) => line.startsWith(mark)).length ?? 0
  return { path, diff, note: null, added: count('+'), removed: count('-'), ...more }
}
const run = (argv: Argv) => command(argv, 1000, [])
const hash = (letter: string) => letter.repeat(64)
const NO_APT: AptStep = {
  do: 'apt',
  install: [],
  remove: [],
  purge: [],
  manual: [],
  hold: [],
  unhold: [],
  recommends: null,
  reinstall: false,
  mayRemove: [],
  mayDowngrade: [],
  mayRemoveProtected: false,
  refresh: false,
  transaction: [],
  timeoutMs: 1000,
}

function text(
  outcomes: readonly Outcome[],
  { owed = [], when = 'never', ...show }: Partial<Show> & { owed?: readonly Owed[]; when?: When } = {},
): string {
  const written: string[] = []
  const stream = { write: (piece: string) => written.push(piece) }
  const print = openPrint({ stdout: stream, stderr: stream, env: {} }, when)
  const resources = outcomes.map(({ id }) => ({
    id,
    origins: [{ role: 'web', file: 'roles/web/role.yaml', line: 14, column: 3 }],
  }))
  const shown = { diff: 'short', all: false, wide: false, ...show } as const
  print.out(outcomeLines({ outcomes, owed }, originsOf({ resources } as never), shown))
  return written.join('')
}

/** The head of a block: what stands behind the id is the same in all of these. */
const head = (start: string) => `${start.padEnd(46)}web  roles/web/role.yaml:14`

const cases: { what: string; outcomes: Outcome[]; show?: Partial<Show>; lines: string[]; owed?: Owed[] }[] = [
  {
    what: 'a file whose content and mode change, with its check and its backup',
    outcomes: [
      planned(
        'file:/etc/nginx/nginx.conf',
        [change('sha256', hash('a'), hash('b')), change('mode', '0640', '0644')],
        {
          steps: [
            {
              do: 'write',
              path: '/etc/nginx/nginx.conf',
              content: { sha256: hash('b') },
              mode: '0644',
              owner: null,
              group: null,
              validate: ['nginx', '-t', '-c', '%s'],
              backup: '/var/backups/nginx.conf',
            },
          ],
          previews: [preview('/etc/nginx/nginx.conf', '@@ -12,1 +12,1 @@\n-a 512;\n+a 1024;')],
        },
      ),
    ],
    lines: [
      head('~ file:/etc/nginx/nginx.conf'),
      '    content +1 -1',
      '    mode 0640 -> 0644',
      '      @@ -12,1 +12,1 @@',
      '      -a 512;',
      '      +a 1024;',
      '    must be accepted first by nginx -t -c %s',
      '    the old file is kept as /var/backups/nginx.conf',
    ],
  },
  {
    what: 'a new file: its text without hunks, its fields in one line',
    outcomes: [
      planned(
        'file:/etc/motd',
        [
          CREATED,
          change('kind', null, 'file'),
          change('sha256', null, hash('a')),
          change('mode', null, '0644'),
        ],
        {
          previews: [preview('/etc/motd', '@@ -0,0 +1,1 @@\n+hello')],
        },
      ),
    ],
    lines: [head('+ file:/etc/motd'), '    mode 0644', '      +hello'],
  },
  {
    what: 'content that has no diff',
    outcomes: [
      planned('file:/a', [change('sha256', hash('a'), hash('b'))], {
        previews: [preview('/a', null, { note: 'binary: 10 -> 20 bytes' })],
      }),
      planned('file:/b', [change('sha256', '', hash('b'))]),
    ],
    lines: [
      head('~ file:/a'),
      '    content changes',
      '    binary: 10 -> 20 bytes',
      head('~ file:/b'),
      '    content changes',
    ],
  },
  {
    what: 'a removal',
    outcomes: [planned('file:/old', [REMOVED], { steps: [{ do: 'remove', path: '/old', recursive: true }] })],
    lines: [head('- file:/old'), '    removes /old with all that is in it'],
  },
  {
    what: 'a restart with its cause and its command',
    outcomes: [
      planned('service:x.service', [change('restart', null, ['file:/a', 'file:/b'])], {
        steps: [run(['systemctl', 'restart', '--', 'x.service'])],
      }),
    ],
    lines: [
      head('~ service:x.service'),
      '    restart, since file:/a, file:/b change',
      '    $ systemctl restart -- x.service',
    ],
  },
  {
    what: 'a restart that was done',
    outcomes: [
      { ...planned('service:x.service', [change('restart', null, ['file:/a'])]), status: 'changed', ms: 3 },
    ],
    lines: [head('~ service:x.service'), '    restarted, since file:/a changed'],
  },
  {
    what: 'packages that are one transaction of apt',
    outcomes: [
      planned('package:nginx', [CREATED], {
        steps: [
          {
            ...NO_APT,
            install: ['nginx', 'curl'],
            hold: ['nginx'],
            transaction: [
              { action: 'install', name: 'nginx', from: null, to: '1.22.1-9' },
              { action: 'upgrade', name: 'curl', from: '7.88.1-10', to: '7.88.1-11' },
              { action: 'remove', name: 'apache2', from: '2.4.1', to: null },
            ],
          },
        ],
      }),
      planned('package:curl', [change('version', '7.88.1-10', '7.88.1-11')], { with: 'package:nginx' }),
    ],
    lines: [
      head('+ package:nginx'),
      '    apt: install nginx curl; hold nginx',
      '      install   nginx    1.22.1-9',
      '      upgrade   curl     7.88.1-10 -> 7.88.1-11',
      '      remove    apache2  2.4.1',
      head('~ package:curl'),
      '    version 7.88.1-10 -> 7.88.1-11',
      '    together with package:nginx',
    ],
  },
  {
    what: 'a transaction that is known once the index is fetched',
    outcomes: [
      planned('package:x', [CREATED], {
        steps: [{ ...NO_APT, install: ['x'], refresh: true, transaction: null }],
      }),
    ],
    lines: [
      head('+ package:x'),
      '    apt: install x (the index is fetched first)',
      '      what apt does is known once the index is fetched',
    ],
  },
  {
    what: 'a command in full: its words, user, folder, environment and input',
    outcomes: [
      planned('command:x', [change('done', false, true)], {
        steps: [
          {
            ...run(['a b', "it's"]),
            pipe: [
              ['a b', "it's"],
              ['sort', '-u'],
            ],
            user: 'app',
            cwd: '/srv',
            env: { A: 'x y' },
            stdin: 'abc',
            timeoutMs: 3_600_000,
          },
        ],
      }),
    ],
    lines: [
      head('~ command:x'),
      '    done false -> true',
      "    $ A='x y' 'a b' 'it'\\''s' | sort -u   as app, in /srv, 3 bytes on its standard input, at most 60 min",
    ],
  },
  {
    what: 'what another change may make different',
    outcomes: [
      planned('file:/a', [change('mode', '0600', '0644')], { after: ['package:x'] }),
      planned('file:/b', [change('mode', '0600', '0644')], { after: ['a:1', 'a:2', 'a:3', 'a:4', 'a:5'] }),
    ],
    lines: [
      head('~ file:/a'),
      '    mode 0600 -> 0644',
      '    as things stand; package:x changes first',
      head('~ file:/b'),
      '    mode 0600 -> 0644',
      '    as things stand; a:1, a:2, a:3 and 2 more change first',
    ],
  },
  {
    what: 'what cannot be known yet, and why',
    outcomes: [
      planned('command:x', [], { after: ['package:y'], unknown: 'user "app" is unknown on this host' }),
    ],
    lines: [
      head('? command:x'),
      '    not known before package:y changes: user "app" is unknown on this host',
    ],
  },
  {
    what: 'a failure with its hint, what was done and what still differs, and what is skipped for it',
    outcomes: [
      {
        id: 'file:/a',
        status: 'failed',
        code: 'internal',
        reason: '"x" exited 1 after 3 ms: one\ntwo',
        hint: 'look at it',
        changes: [],
        steps: [run(['x'])],
        ended: null,
        left: [change('mode', '0600', '0644'), change('sha256', hash('a'), hash('b'))],
        ms: 3,
      },
      { id: 'file:/b', status: 'skipped', because: 'file:/a' },
      { id: 'file:/c', status: 'skipped', because: 'file:/b' },
      { id: 'file:/d', status: 'skipped', because: null },
    ],
    lines: [
      head('! file:/a'),
      '    "x" exited 1 after 3 ms: one',
      '    two',
      '    hint: look at it',
      '    still differs: mode 0600 -> 0644',
      '    still differs: content',
      '    done before it failed:',
      '      $ x',
      head('! file:/b'),
      '    skipped, since file:/a failed',
      head('! file:/c'),
      '    skipped, since file:/b was skipped',
      head('! file:/d'),
      '    not done, since the run was interrupted',
    ],
  },
  {
    what: 'values of every kind',
    outcomes: [
      planned('user:a', [
        change('groups', ['a'], ['a', 'b c']),
        change('expires', null, 20_000),
        change('shell', 'none', '/bin/sh'),
        change('comment', '', 'x "y"'),
        change('locked', true, false),
      ]),
    ],
    lines: [
      head('~ user:a'),
      '    groups [a] -> [a, "b c"]',
      '    expires none -> 20000',
      '    shell "none" -> /bin/sh',
      '    comment "" -> "x \\"y\\""',
      '    locked true -> false',
    ],
  },
  {
    what: 'what looks alike once',
    outcomes: ['a', 'b', 'c', 'd', 'e'].map((name) =>
      planned(`user:${name}`, [CREATED, change('shell', null, '/bin/sh')], {
        steps: [run(['useradd', '--', name])],
      }),
    ),
    lines: [
      head('+ user:a'),
      '    shell /bin/sh',
      '    $ useradd -- a',
      '    and so for user:b, user:c, user:d, user:e; 5 in all',
    ],
  },
  {
    what: 'what looks alike one by one where everything is asked for',
    show: { wide: true },
    outcomes: ['/a', '/b', '/c', '/d'].map((path) =>
      planned(`file:${path}`, [change('mode', '0600', '0644')], {
        steps: [{ do: 'chmod', path, mode: '0644' }],
      }),
    ),
    lines: ['/a', '/b', '/c', '/d'].flatMap((path) => [
      head(`~ file:${path}`),
      '    mode 0600 -> 0644',
      `    set the mode of ${path} to 0644`,
    ]),
  },
  {
    what: 'what is in order on request',
    show: { all: true },
    outcomes: [{ id: 'file:/a', status: 'settled' }],
    lines: [head('  file:/a')],
  },
  { what: 'nothing of what is in order', outcomes: [{ id: 'file:/a', status: 'settled' }], lines: [] },
  {
    what: 'what is owed',
    outcomes: [],
    owed: [{ id: 'service:x', trigger: { reaction: 'restart', on: 'file:/a' }, why: 'file:/b failed' }],
    lines: [
      '',
      'Owed, and done by a later run:',
      '  restart of service:x, since file:/a changed  (file:/b failed)',
    ],
  },
  {
    what: 'what a host says without obeying it',
    outcomes: [planned('file:/a\u001b[31m', [change('owner', '\u202e', 'root\u0007')])],
    lines: [head('~ file:/a\u001b[31m').replace('\u001b', '\\u{1b}'), '    owner \\u{202e} -> root\\u{7}'],
  },
  {
    what: 'a package whose run has completed an interrupted dpkg',
    outcomes: [
      {
        ...planned('package:nginx', [change('installed', false, true)]),
        ...{ status: 'changed', ms: 1, recovered: ['nginx:all', 'libx:amd64'] },
      } as Outcome,
    ],
    lines: [
      head('~ package:nginx'),
      '    recovered: an interrupted dpkg was completed first: nginx:all, libx:amd64',
      '    installed false -> true',
    ],
  },
]

for (const { what, outcomes, lines, show, owed } of cases) {
  t.test(`shows ${what}`, async (t) => {
    t.equal(text(outcomes, { ...show, ...(owed && { owed }) }), lines.map((line) => `${line}\n`).join(''))
  })
}

t.test('cuts a long diff and says how to see it', async (t) => {
  const diff = ['@@ -0,0 +1,40 @@', ...Array.from({ length: 40 }, (_, i) => `+line ${i}`)].join('\n')
  const outcomes = [
    planned('file:/a', [change('sha256', hash('a'), hash('b'))], { previews: [preview('/a', diff)] }),
  ]
  t.match(text(outcomes), /\+line 28\n {6}… 11 more lines, see them with --diff full\n$/)
  t.match(text(outcomes, { diff: 'full' }), /\+line 39\n$/)
  t.notMatch(text(outcomes, { diff: 'none' }), /line/)
  t.match(text(outcomes, { diff: 'none' }), /content \+40 -0/)
})

t.test('colours what is added, changed and removed', async (t) => {
  const outcomes = [
    planned('a:new', [CREATED]),
    planned('a:old', [REMOVED]),
    planned('a:x', [change('a', 1, 2)]),
  ]
  const lines = text(outcomes, { when: 'always' }).split('\n')
  for (const start of ['\u001b[32m+ a:new', '\u001b[31m- a:old', '\u001b[33m~ a:x'])
    t.ok(
      lines.some((line) => line.startsWith(start)),
      start,
    )
})

const settled = (id: ResourceId): Outcome => ({ id, status: 'settled' })
const summaries: { outcomes: Outcome[]; mode: 'plan' | 'apply'; line: string }[] = [
  { outcomes: [settled('a:1')], mode: 'plan', line: 'Plan: nothing to do; 1 in order (3 ms)' },
  { outcomes: [settled('a:1')], mode: 'apply', line: 'Done: nothing was to do; 1 in order (3 ms)' },
  {
    outcomes: [
      planned('a:1', [CREATED]),
      planned('a:2', [REMOVED]),
      planned('a:3', [change('x', 1, 2), change('restart', null, ['a:1'])]),
      planned('a:4', [change('restart', null, ['a:1'])]),
      planned('a:5', [change('reload', null, ['a:1'])]),
      planned('a:6', [], { unknown: 'why' }),
      settled('a:7'),
    ],
    mode: 'plan',
    line: 'Plan: 1 to add, 1 to change, 1 to remove, 1 to restart, 1 to reload, 1 not known yet; 1 in order (3 ms)',
  },
  {
    outcomes: [
      { ...planned('a:1', [CREATED]), status: 'changed', ms: 1 },
      { id: 'a:2', status: 'skipped', because: null },
    ],
    mode: 'apply',
    line: 'Done: 1 added, 1 skipped; 0 in order (3 ms)',
  },
  {
    outcomes: [{ id: 'a:2', status: 'skipped', because: null }],
    mode: 'apply',
    line: 'Done: nothing done, 1 skipped; 0 in order (3 ms)',
  },
]
for (const { outcomes, mode, line } of summaries) {
  t.test(`sums up: ${line}`, async (t) => {
    const spans = summaryLine({ outcomes, owed: [], ms: 3 }, mode)
    t.equal(spans.map((span) => (typeof span === 'string' ? span : span[1])).join(''), line)
  })
}
