import t from 'tap'
import { rehearsalLines, rehearsalSummary } from '../../cli/rehearsal-text.ts'
import type { Effect, Rehearsal } from '../../lib/rehearsal.ts'

const effect = (path: string, more: Partial<Effect> = {}): Effect => ({
  ...{ path, change: 'created', kind: 'file', sha256: null, preview: null, by: 'package:web', named: false },
  ...{ package: null, changes: [{ field: 'mode', from: null, to: '0644' }] },
  ...more,
})
const none = { steps: [], previews: [], changes: [], with: null, ms: 1 } as const
const LEAVES = { how: 'restore', role: 'db', place: 'roles/db/role.yaml:7', holdsSecret: false } as const
const REHEARSAL: Rehearsal = {
  outcomes: [
    { ...none, id: 'package:web', status: 'changed' },
    { id: 'file:/etc/same', status: 'settled' },
    {
      ...none,
      ...{ id: 'file:/etc/gone', status: 'changed', changes: [{ field: 'exists', from: true, to: false }] },
      leaves: LEAVES,
    },
    { id: 'directory:/srv/data', status: 'settled', leaves: LEAVES, stays: 'it is not empty' },
  ],
  owed: [],
  held: null,
  origins: { 'package:web': 'web  roles/web/role.yaml:3' },
  effects: [
    effect('/etc/web', { kind: 'directory', package: 'web' }),
    effect('/etc/web/a', { package: 'web' }),
    effect('/etc/gone', { change: 'removed', changes: [], by: 'file:/etc/gone', named: true }),
    effect('/srv/by-hand', { by: null }),
    effect('/var/lib/web', { changes: [{ field: 'mode', from: null, to: '0600' }] }),
    effect('/var/x', { change: 'changed', changes: [{ field: 'owner', from: 'root', to: 'web' }] }),
    effect('/var/y', { change: 'removed', changes: [] }),
  ],
  more: 0,
  asked: [
    { verb: 'daemon-reload', unit: '', by: 'package:web' },
    { verb: 'restart', unit: 'web.service', by: 'package:web' },
    { verb: 'daemon-reload', unit: '', by: 'package:web' },
  ],
  settings: [{ field: 'vm.swappiness', from: '60', to: '10' }],
  scripts: { web: ['postinst'], lib: [] },
  volatile: 7,
  bytes: 5_000_000,
  ms: 1234,
}

const SHOW = { diff: 'short', all: false, wide: false } as const
const text = (lines: readonly (readonly (string | readonly [unknown, string])[])[]) =>
  lines.map((line) =>
    line
      .map((span) => (typeof span === 'string' ? span : span[1]))
      .join('')
      .trimEnd(),
  )

t.test('a rehearsal is told by resource, and a package is one line', (t) => {
  t.same(text(rehearsalLines(REHEARSAL, SHOW)), [
    '~ package:web                                 web  roles/web/role.yaml:3',
    '    +2 paths of package web',
    '    by scripts of web:',
    '      + /var/lib/web  mode 0600',
    '      ~ /var/x  owner root -> web',
    '      - /var/y',
    '    would daemon-reload',
    '    would restart web.service',
    '- file:/etc/gone                              db  roles/db/role.yaml:7',
    '    no role declares it any more: put back as it was before drover',
    '    - /etc/gone',
    '  directory:/srv/data                         db  roles/db/role.yaml:7',
    '    no role declares it any more',
    '    stays as it is: it is not empty',
    'by no resource',
    '    + /srv/by-hand',
    '~ kernel setting vm.swappiness 60 -> 10',
    'not shown: 7 paths of caches, logs and databases',
  ])
  t.match(text(rehearsalLines(REHEARSAL, { ...SHOW, all: true })), [
    '~ package:web                                 web  roles/web/role.yaml:3',
    '    + /etc/web/',
    '    + /etc/web/a',
  ])
  t.same(text([rehearsalSummary(REHEARSAL)]), [
    'Rehearsed: paths: 4 created, 1 changed, 2 removed; the host is as it was (1.2 s, 5 MB of memory)',
  ])
  t.end()
})
