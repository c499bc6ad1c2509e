import t from 'tap'
import { parse, safeParse } from 'valibot'
import { words } from '../../lib/commands.ts'
import type { Ended, Host } from '../../lib/host.ts'
import { plan } from '../../lib/plan.ts'
import { command } from '../../states/command.ts'
import { contract } from '../helpers/contract.ts'

type Given = {
  /** Paths that are there; one that ends in "/" is a directory. */
  paths?: readonly string[]
  /** How guards exit, by their words; without one there is no such program. */
  exits?: Record<string, number>
  stamps?: readonly string[] | 'all'
  users?: readonly string[]
}

function hostOf({ paths = ['/usr/bin/make'], exits = {}, stamps = [], users = [] }: Given) {
  const probed: string[] = []
  const host = {
    stat: async (path: string) =>
      paths.includes(`${path}/`) ? { kind: 'directory' } : paths.includes(path) ? { kind: 'file' } : null,
    user: async (name: string) => (users.includes(name) ? { name } : null),
    stamp: async (hash: string) => stamps === 'all' || stamps.includes(hash),
    probe: async (argv: readonly string[], how: object) => {
      const code = exits[argv.join(' ')]
      probed.push(argv.join(' '))
      return { argv, how, code: code ?? 127, missing: code === undefined } as unknown as Ended
    },
  } as unknown as Host
  return { host, probed }
}

async function stepsOf(declared: object, given: Given, restart = false) {
  const props = parse(command.props, declared)
  const current = await command.read('make it', props, hostOf(given).host)
  const on = 'file:/etc/it' as const
  return plan(command, 'make it', props, current, restart ? [{ reaction: 'restart', on }] : []).steps
}

const RUN = { do: 'run', pipe: [['make', 'it']], scope: true, touches: ['*'], exitCodes: [0] }
const STAMP = { do: 'stamp' }
const IT = { paths: ['/usr/bin/make', '/it'] }

const cases = [
  { when: 'it was never run', steps: [RUN, STAMP] },
  { when: 'it was run', given: { stamps: 'all' }, steps: [] },
  { when: 'it was run and reacts', given: { stamps: 'all' }, restart: true, steps: [RUN] },
  { when: 'it was never run and reacts', restart: true, steps: [RUN, STAMP] },
  {
    when: 'what it creates is missing',
    declared: { creates: '/it' },
    given: { stamps: 'all' },
    steps: [RUN],
  },
  { when: 'what it creates is there', declared: { creates: '/it' }, given: IT, steps: [] },
  {
    when: 'what it creates is there and it reacts',
    declared: { creates: '/it' },
    given: IT,
    restart: true,
    steps: [],
  },
  { when: 'what it removes is there', declared: { removes: '/it' }, given: IT, steps: [RUN] },
  { when: 'what it removes is gone', declared: { removes: '/it' }, steps: [] },
  { when: 'unless fails', declared: { unless: 'test it' }, given: { exits: { 'test it': 1 } }, steps: [RUN] },
  { when: 'unless passes', declared: { unless: 'test it' }, given: { exits: { 'test it': 0 } }, steps: [] },
  {
    when: 'only_if passes',
    declared: { only_if: ['test', 'it'] },
    given: { exits: { 'test it': 0 } },
    steps: [RUN],
  },
  {
    when: 'only_if fails',
    declared: { only_if: ['test', 'it'] },
    given: { exits: { 'test it': 2 } },
    steps: [],
  },
  {
    when: 'one of two unless passes',
    declared: { unless: [['a'], ['b', 'c']] },
    given: { exits: { a: 1, 'b c': 0 } },
    steps: [],
  },
  {
    when: 'one of two only_if fails',
    declared: { only_if: [['a'], ['b', 'c']] },
    given: { exits: { a: 0, 'b c': 1 } },
    steps: [],
  },
  {
    when: 'only_if passes and it was run once',
    declared: { only_if: 'a', once: true },
    given: { exits: { a: 0 }, stamps: 'all' },
    steps: [],
  },
  {
    when: 'only_if passes and it was not run once',
    declared: { only_if: 'a', once: true },
    given: { exits: { a: 0 } },
    steps: [RUN, STAMP],
  },
  { when: 'it is to be triggered and is not', declared: { triggered: true }, steps: [] },
  { when: 'it is triggered', declared: { triggered: true }, restart: true, steps: [RUN] },
  {
    when: 'it is triggered and not needed',
    declared: { triggered: true, creates: '/it' },
    given: IT,
    restart: true,
    steps: [],
  },
  {
    when: 'its program is missing but it is not needed',
    declared: { creates: '/it' },
    given: { paths: ['/it'] },
    steps: [],
  },
] as const

for (const { when, steps, ...rest } of cases) {
  const { declared, given, restart } = { declared: {}, given: {}, restart: false, ...rest }
  t.test(`${when}: ${steps.map((step) => step.do).join(', ') || 'nothing'}`, async (t) => {
    const planned = await stepsOf(declared, given, restart)
    t.match(planned, steps)
    t.equal(planned.length, steps.length)
  })
}

t.test('what it lacks is said before it is run', async (t) => {
  const lacks = [
    { declared: {}, given: { paths: [] }, says: /no program make/ },
    { declared: { pipe: [['make'], ['gone', 'x']] }, given: {}, says: /no program gone/ },
    { declared: { unless: 'look' }, given: {}, says: /guard "look" has no program look/ },
    { declared: { user: 'app' }, given: {}, says: /user "app" is unknown/ },
    { declared: { cwd: '/srv' }, given: {}, says: /directory \/srv is not there/ },
    { declared: { cwd: '/srv', unless: 'look' }, given: { exits: { look: 0 } }, says: /directory \/srv/ },
  ]
  for (const { declared, given, says } of lacks)
    await t.rejects(stepsOf(declared, given), { code: 'not-found', message: says })
  const there = { paths: ['/srv/', '/srv/bin/make', '/opt/make'], users: ['app'] }
  t.equal((await stepsOf({ cwd: '/srv', user: 'app', argv: ['bin/make'] }, there)).length, 2)
  t.equal((await stepsOf({ env: { PATH: '/opt' } }, there)).length, 2)
})

t.test('cheap guards are asked first, and no more of them than needed', async (t) => {
  const { host, probed } = hostOf({ paths: ['/it'], exits: { a: 0, b: 0 } })
  await command.read('make it', parse(command.props, { creates: '/it', unless: 'a' }), host)
  t.same(probed, [])
  await command.read('make it', parse(command.props, { unless: [['a'], ['b']] }), host)
  t.same(probed, ['a'])
})

t.test('another command is run again, another name is not', async (t) => {
  const stamp = async (name: string, declared: object) => {
    const props = parse(command.props, declared)
    const step = plan(command, name, props, await command.read(name, props, hostOf({}).host)).steps.at(-1)
    return step?.do === 'stamp' ? step.hash : null
  }
  const one = await stamp('make it', {})
  t.match(one, /^[0-9a-f]{64}$/)
  t.equal(await stamp('a label', { argv: ['make', 'it'] }), one)
  t.equal(await stamp('make  it', {}), one)
  t.equal(await stamp('make', { env: { A: '1', B: '2' } }), await stamp('make', { env: { B: '2', A: '1' } }))
  const others = [{ argv: ['make', 'them'] }, { env: { A: '1' } }, { stdin: 'x' }]
  for (const declared of others) t.not(await stamp('make it', declared), one)
})

t.test('a name is split at blanks, and refused when only a shell would understand it', async (t) => {
  t.same(words('  a2enmod  rewrite --x=y,z:1 '), ['a2enmod', 'rewrite', '--x=y,z:1'])
  for (const line of [
    'a | b',
    'a; b',
    'a && b',
    'a > f',
    'a "b c"',
    "a 'b'",
    'a $B',
    'a `b`',
    'a *.c',
    'ls ~/x',
    'a\\ b',
  ])
    t.throws(() => words(line), { code: 'invalid', hint: /argv/ }, line)
  t.throws(() => words('   '), { code: 'invalid' })
  t.throws(() => command.complete?.('a | b', parse(command.props, {}), []), { code: 'invalid' })
  t.ok(command.complete?.('a | b', parse(command.props, { argv: ['a'] }), []))
})

for (const declared of [
  { argv: [] },
  { argv: ['a'], pipe: [['a'], ['b']] },
  { pipe: [['a']] },
  { argv: ['a', 1] },
  { argv: ['a\0b'] },
  { env: { 'A=B': 'x' } },
  { exit_codes: [] },
  { once: true, triggered: true },
])
  t.test(`${JSON.stringify(declared)} is refused`, async (t) =>
    t.notOk(safeParse(command.props, declared).success),
  )

t.test('its user and its directory come first', async (t) =>
  t.same(command.requires?.('a', parse(command.props, { user: 'app', cwd: '/srv' })), [
    'user:app',
    'directory:/srv',
  ]),
)

t.test('what its guards look at is watched', async (t) =>
  t.same(command.watches?.('a', parse(command.props, { creates: '/it' })), [{ path: '/it' }]),
)

t.test('contract', async (t) =>
  contract(
    t,
    command,
    'make it',
    { creates: '/it' },
    { done: true, refused: false, stamped: false, lacking: null },
  ),
)
