import t from 'tap'
import { cannedMaster } from '../helpers/canned-master.ts'
import { hostRow } from '../helpers/rows.ts'
import { runCli } from '../helpers/run-cli.ts'

const NOW = Date.now()
const HOSTS = [
  hostRow('db1', {
    roles: [
      { role: 'base', origin: 'hosts.yaml:2' },
      { role: 'db', origin: 'assigned by anna' },
    ],
  }),
  hostRow('web1', { status: 'HOST_STATUS_DRIFTED', drifted: 2, catalog_sha256: 'b'.repeat(64) }),
  hostRow('web2', {
    status: 'HOST_STATUS_PAUSED',
    mode: 'MODE_PAUSED',
    mode_until: NOW + 2 * 3_600_000 + 5000,
    mode_reason: 'by hand \u001b[2J',
    mode_by: 'anna',
  }),
  { name: 'web3', status: 'HOST_STATUS_ABSENT', environment: 'production', roles: [] } as const,
]

t.test('a line for each host, with what it is, and nothing that a terminal obeys', async (t) => {
  const { socket, asked } = await cannedMaster(t, { ListHosts: { hosts: HOSTS } })
  const { code, out, err } = await runCli(['hosts', '--socket', socket])
  t.equal(code, 0)
  t.equal(err, '')
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/))
  t.same(lines, [
    ['HOST', 'STATUS', 'ROLES', 'ENVIRONMENT', 'LAST RUN', 'DRIFT', 'CATALOG', 'VERSION'],
    ['db1', '✓ in sync', 'base, db', 'production', '3 min ago', '0/41', 'current', '0.1.0'],
    ['web1', '~ drifted', 'web', 'production', '3 min ago', '2/41', 'behind', '0.1.0'],
    [
      'web2',
      '= paused',
      'web',
      'production',
      '3 min ago',
      '0/41',
      'current',
      '0.1.0',
      'paused, ends in 2 h, by anna: by hand \\u{1b}[2J',
    ],
    ['web3', '- absent', 'production', 'none yet'],
  ])
  t.match(asked, [{ method: 'ListHosts', request: { selection: null } }])
})

t.test('--role asks for those of a role', async (t) => {
  const { socket, asked } = await cannedMaster(t, { ListHosts: { hosts: [] } })
  const { code, err } = await runCli(['hosts', '--socket', socket, '--role', 'web', '--role', 'db'])
  t.equal(code, 0)
  t.match(err, 'no hosts')
  t.match(asked[0]?.request, { selection: { roles: ['web', 'db'], all: false } })
})

t.test('programs get times in UTC, null for what is not known, and a version', async (t) => {
  const { socket } = await cannedMaster(t, { ListHosts: { hosts: HOSTS } })
  const { out } = await runCli(['hosts', '--socket', socket, '--json'])
  t.notMatch(out, '\u001b')
  const { version, hosts } = JSON.parse(out)
  t.equal(version, '1.0')
  t.match(hosts[1], { name: 'web1', status: 'drifted', drifted: 2, lastRunAt: /^\d{4}-\d\d-\d\dT.*Z$/ })
  t.match(hosts[2], { mode: 'paused', modeBy: 'anna', modeReason: 'by hand \u001b[2J' })
  t.match(hosts[3], { id: null, lastRunAt: null, counts: null, version: null })
  const keys = hosts.map((host: object) => Object.keys(host).join())
  t.equal(new Set(keys).size, 1, 'every host has every key')

  const lines = (await runCli(['hosts', '--socket', socket, '-o', 'jsonl'])).out.trimEnd().split('\n')
  t.same(JSON.parse(lines[0] ?? ''), { type: 'version', format: '1.0' })
  t.match(JSON.parse(lines[1] ?? ''), { type: 'host', name: 'db1' })
  t.equal((await runCli(['hosts', '--socket', socket, '-o', 'name'])).out, 'db1\nweb1\nweb2\nweb3\n')
})

t.test('colour is for terminals, and never with NO_COLOR', async (t) => {
  const { socket } = await cannedMaster(t, { ListHosts: { hosts: HOSTS } })
  const words = ['hosts', '--socket', socket]
  t.match((await runCli(words, { terminal: true })).out, '\u001b[3')
  t.notMatch((await runCli(words, { terminal: true, env: { NO_COLOR: '1' } })).out, '\u001b')
  t.notMatch((await runCli(words)).out, '\u001b')
})
