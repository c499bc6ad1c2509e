import t from 'tap'
import { parse, safeParse } from 'valibot'
import { simulation, stepOf } from '../../lib/apt.ts'
import type { AptIndexReading, Ended, Host, PackageReading } from '../../lib/host.ts'
import { byField, changesOf } from '../../lib/plan.ts'
import type { AptStep } from '../../lib/step.ts'
import { packageState } from '../../states/package.ts'
import { contract } from '../helpers/contract.ts'

const NEW = { ageMs: 60_000, outdated: false }
const OLD = { ageMs: 7_200_000, outdated: false }
const there = { architecture: 'amd64', version: '1.0-1', held: false, automatic: false, status: 'installed' }
const dpkg = { ...there, version: '1.21' }

type Given = {
  packages?: Record<string, Partial<PackageReading>>
  index?: AptIndexReading | null
  /** What `apt-get --simulate` prints, or how it ends. */
  says?: string | Partial<Ended>
  candidate?: string
}

function hostOf({ packages = {}, index = NEW, says = '', candidate = '' }: Given): Host {
  const all: Record<string, Partial<PackageReading>> = { dpkg, ...packages }
  const ended = { code: 0, stdout: '', stderr: '', timedOut: false }
  return {
    package: async (name: string) => (all[name] ? { ...there, ...all[name] } : null),
    aptIndex: async () => index,
    candidate: async () => candidate,
    query: async () => ({ ...ended, ...(typeof says === 'string' ? { stdout: says } : says) }),
  } as unknown as Host
}

const read = (name: string, declared: object, given: Given) =>
  packageState.read(name, parse(packageState.props, declared), hostOf(given))

async function gather(declared: Record<string, object>, given: Given): Promise<AptStep> {
  const planned = []
  for (const [name, props] of Object.entries(declared)) {
    const parsed = parse(packageState.props, props)
    const current = await read(name, props, given)
    const changes = byField(changesOf(packageState, name, parsed, current, []))
    planned.push({ name, props: parsed, changes, current })
  }
  const [step] = (await packageState.gather?.(planned, hostOf(given))) ?? []
  if (step?.do !== 'apt') throw new Error('no apt step')
  return step
}

const readings = [
  { of: 'what dpkg has never heard of', given: {}, is: null },
  {
    of: 'what left its configuration behind',
    given: { packages: { nginx: { status: 'config-files', version: null } } },
    is: null,
  },
  {
    of: 'the same when it is to be purged',
    declared: { absent: true, purge: true },
    given: { packages: { nginx: { status: 'config-files', version: null } } },
    is: { installed: false },
  },
  {
    of: 'what is installed',
    given: { packages: { nginx: {} } },
    is: { installed: true, version: '1.0-1', held: false, manual: true, torn: false },
  },
  {
    of: 'what waits for triggers',
    given: { packages: { nginx: { status: 'triggers-pending' } } },
    is: { installed: true },
  },
  {
    of: 'what is half configured',
    given: { packages: { nginx: { status: 'half-configured' } } },
    is: { installed: false },
  },
  {
    of: 'what matches a pattern',
    declared: { version: '1.*' },
    given: { packages: { nginx: {} } },
    is: { version: '1.*' },
  },
  {
    of: 'what does not match it',
    declared: { version: '2.*' },
    given: { packages: { nginx: {} } },
    is: { version: '1.0-1' },
  },
  { of: 'a dependency', given: { packages: { nginx: { automatic: true } } }, is: { manual: false } },
  {
    of: 'the newest',
    declared: { latest: true },
    given: { packages: { nginx: {} }, candidate: '1.0-1' },
    is: { latest: true },
  },
  {
    of: 'what is not the newest',
    declared: { latest: true },
    given: { packages: { nginx: {} }, candidate: '1.0-2' },
    is: { latest: false },
  },
  {
    of: 'the newest of an index that is too old',
    declared: { latest: true, refresh: '1h' },
    given: { index: OLD, packages: { nginx: {} }, candidate: '1.0-1' },
    is: { latest: false },
  },
]
for (const { of, declared = {}, given, is } of readings) {
  t.test(`reading of ${of}`, async (t) => {
    const reading = await read('nginx', declared, given as Given)
    if (is === null) t.equal(reading, null)
    else t.match(reading, is)
  })
}

const INST = 'Inst nginx (1.0-1 Debian:12 [amd64])\nConf nginx (1.0-1 Debian:12 [amd64])\n'
const UNKNOWN = { code: 100, stderr: 'E: Unable to locate package nginx\n' }
const held = { packages: { nginx: { held: true } } }

const plans = [
  {
    when: 'it is missing',
    given: { says: INST },
    step: {
      install: ['nginx'],
      refresh: false,
      transaction: [{ action: 'install', name: 'nginx', to: '1.0-1' }],
    },
  },
  {
    when: 'a version is wanted',
    declared: { version: '1.*' },
    given: { says: INST },
    step: { install: ['nginx=1.*'] },
  },
  {
    when: 'a release is wanted',
    declared: { release: 'bookworm-backports' },
    given: { says: INST },
    step: { install: ['nginx/bookworm-backports'] },
  },
  {
    when: 'it is to be gone',
    declared: { absent: true },
    given: { packages: { nginx: {} }, says: 'Remv nginx [1.0-1]\n' },
    step: { remove: ['nginx'], install: [], purge: [] },
  },
  {
    when: 'it is to be purged',
    declared: { absent: true, purge: true },
    given: { packages: { nginx: {} }, says: 'Purg nginx [1.0-1]\n' },
    step: { purge: ['nginx'], remove: [] },
  },
  {
    when: 'it is to be held',
    declared: { hold: true },
    given: { packages: { nginx: {} } },
    step: { hold: ['nginx'], install: [], unhold: [], transaction: [] },
  },
  {
    when: 'it is to be let go',
    declared: { hold: false },
    given: held,
    step: { unhold: ['nginx'], hold: [], transaction: [] },
  },
  {
    when: 'it is held at another version',
    declared: { hold: true, version: '2' },
    given: { ...held, says: 'Inst nginx [1.0-1] (2 x [amd64])\n' },
    step: { unhold: ['nginx'], install: ['nginx=2'], hold: ['nginx'] },
  },
  {
    when: 'it is a dependency so far',
    given: { packages: { nginx: { automatic: true } } },
    step: { manual: ['nginx'], install: [], transaction: [] },
  },
  {
    when: 'it is half configured',
    given: { packages: { nginx: { status: 'half-configured' } }, says: '' },
    step: { install: ['nginx'], transaction: [{ action: 'configure', name: 'nginx', to: '1.0-1' }] },
  },
  {
    when: 'it is half unpacked',
    given: {
      packages: { nginx: { status: 'half-installed' } },
      says: 'Inst nginx [1.0-1] (1.0-1 x [amd64])\n',
    },
    step: {
      install: ['nginx'],
      reinstall: true,
      transaction: [{ action: 'install', name: 'nginx', from: null, to: '1.0-1' }],
    },
  },
  {
    when: 'there is no index',
    given: { index: null, says: INST },
    step: { refresh: true, transaction: null },
  },
  {
    when: 'a source was changed',
    given: { index: { ageMs: 1, outdated: true }, says: INST },
    step: { refresh: true, transaction: null },
  },
  {
    when: 'the index is too old',
    declared: { refresh: '1h' },
    given: { index: OLD, says: INST },
    step: { refresh: true, transaction: null },
  },
  {
    when: 'the index is young enough',
    declared: { refresh: '1d' },
    given: { index: OLD, says: INST },
    step: { refresh: false },
  },
  {
    when: 'it is not in an old index',
    given: { index: OLD, says: UNKNOWN },
    step: { refresh: true, transaction: null },
  },
]
for (const { when, declared = {}, given, step } of plans)
  t.test(`plan when ${when}`, async (t) => t.match(await gather({ nginx: declared }, given as Given), step))

const refusals = [
  { of: 'what is not in a young index', given: { says: UNKNOWN }, code: 'not-found' },
  { of: 'a removal that was not asked for', given: { says: `${INST}Remv apache2 [2]\n` }, code: 'conflict' },
  {
    of: 'a virtual package',
    given: { says: "Note, selecting 'nginx-light' instead of 'nginx'\n" },
    code: 'invalid',
  },
  {
    of: 'a change of what is held by hand',
    declared: { version: '2' },
    given: { ...held, says: 'Inst nginx [1.0-1] (2 x [amd64])\n' },
    code: 'conflict',
  },
  {
    of: 'an older version',
    declared: { version: '0.9' },
    given: { packages: { nginx: {} }, says: 'Inst nginx [1.0-1] (0.9 x [amd64])\n' },
    code: 'conflict',
  },
  {
    of: 'what apt would leave as it is',
    declared: { version: '2' },
    given: { packages: { nginx: {} } },
    code: 'conflict',
  },
  {
    of: 'the end of sshd',
    name: 'openssh-server',
    declared: { absent: true },
    given: { packages: { 'openssh-server': {} } },
    code: 'conflict',
  },
]
for (const { of, name = 'nginx', declared = {}, given, code } of refusals)
  t.test(`refusal of ${of}`, async (t) => t.rejects(gather({ [name]: declared }, given as Given), { code }))

t.test('several are one transaction', async (t) => {
  const says = 'Inst a (1 x [amd64])\nRemv b [1.0-1]\n'
  const step = await gather({ 'a:amd64': {}, b: { absent: true } }, { packages: { b: {} }, says })
  t.match(step, { install: ['a'], remove: ['b'], transaction: [{ name: 'a' }, { name: 'b' }] })
  const together = (one: object, other: object) =>
    packageState.together?.(parse(packageState.props, one), parse(packageState.props, other))
  t.ok(together({}, { absent: true, purge: true }))
  t.notOk(together({}, { recommends: false }), 'unless apt knows only one answer for all of them')
  t.notOk(together({ absent: true }, { absent: true, purge: true }))
})

t.test('what the solver is asked is what it is then told to do', async (t) => {
  const args = simulation(stepOf([]))
  t.same(args.slice(0, 2), ['apt-get', '--simulate'])
})

for (const declared of [
  { version: '1', latest: true },
  { purge: true },
  { absent: true, hold: true },
  { version: '1 -o x' },
  { version: 1.2 },
])
  t.test(`${JSON.stringify(declared)} is refused`, async (t) =>
    t.notOk(safeParse(packageState.props, declared).success),
  )
for (const name of ['-oAPT::X=1', 'foo;rm', 'foo=1.0', 'foo bar', 'Foo', 'a'])
  t.test(`the name "${name}" is refused`, async (t) => t.notOk(safeParse(packageState.name, name).success))

t.test('contract', async (t) =>
  contract(
    t,
    packageState,
    'nginx',
    { version: '1.0-1', hold: true },
    { installed: true, version: '1.0-1', latest: false, held: true, manual: true, torn: false },
  ),
)
t.test('contract, latest', async (t) =>
  contract(
    t,
    packageState,
    'nginx',
    { latest: true },
    { installed: true, version: '1.0-1', latest: true, held: false, manual: true, torn: false },
  ),
)
