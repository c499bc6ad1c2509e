import t from 'tap'
import { parse, safeParse } from 'valibot'
import { plan } from '../../lib/plan.ts'
import type { Step } from '../../lib/step.ts'
import { unit } from '../../states/unit.ts'
import { contract } from '../helpers/contract.ts'
import { fakeHost } from '../helpers/fake-host.ts'

const NAME = 'app.service'
const PATH = '/etc/systemd/system/app.service'
const DROP_IN = 'app.service.d/limits.conf'
const sha256 = 'a'.repeat(64)
const there = {
  kind: 'file' as const,
  sha256,
  mode: '0644',
  owner: 'root',
  group: 'root',
  loaded: true,
  active: false,
  enabled: false,
  packaged: false,
  drop_ins: null,
}
const gone = { ...there, kind: null, sha256: null, mode: null, owner: null, group: null }
const absent = { absent: true }

const cases = [
  { when: 'as declared', reading: there, does: [] },
  { when: 'missing', reading: null, does: ['write', 'daemon-reload'] },
  { when: 'its content differs', reading: { ...there, sha256: '' }, does: ['write', 'daemon-reload'] },
  { when: 'systemd has not read it', reading: { ...there, loaded: false }, does: ['daemon-reload'] },
  { when: 'its mode differs', reading: { ...there, mode: '0600' }, does: ['chmod'] },
  { when: 'its owner differs', reading: { ...there, owner: 'bin' }, does: ['chown', 'chmod'] },
  {
    when: 'a link is in its place',
    reading: { ...there, kind: 'link' as const },
    does: ['write', 'daemon-reload'],
  },
  {
    when: 'a directory is in its place and may go',
    declared: { sha256, force: true },
    reading: { ...there, kind: 'directory' as const },
    does: ['remove', 'write', 'daemon-reload'],
  },
  { when: 'absent and there', declared: absent, reading: there, does: ['remove', 'daemon-reload'] },
  { when: 'absent and not there', declared: absent, reading: null, does: [] },
  { when: 'absent, and systemd does not know', declared: absent, reading: gone, does: ['daemon-reload'] },
  {
    when: 'absent, runs and starts at boot',
    declared: absent,
    reading: { ...there, active: true, enabled: true },
    does: ['stop', 'disable', 'remove', 'daemon-reload'],
  },
  {
    when: 'absent, runs and has a packaged file',
    declared: absent,
    reading: { ...there, active: true, enabled: true, packaged: true },
    does: ['remove', 'daemon-reload'],
  },
  { when: 'the first drop-in', name: DROP_IN, reading: null, does: ['mkdir', 'write', 'daemon-reload'] },
  {
    when: 'a further drop-in',
    name: DROP_IN,
    reading: { ...gone, drop_ins: 1, loaded: false },
    does: ['write', 'daemon-reload'],
  },
  {
    when: 'an absent drop-in, the last, of a unit that runs',
    name: DROP_IN,
    declared: absent,
    reading: { ...there, drop_ins: 1, active: true },
    does: ['remove', 'remove', 'daemon-reload'],
  },
  {
    when: 'an absent drop-in among others',
    name: DROP_IN,
    declared: absent,
    reading: { ...there, drop_ins: 2 },
    does: ['remove', 'daemon-reload'],
  },
  {
    when: 'a template that systemd has not read',
    name: 'app@.service',
    reading: { ...there, loaded: false },
    does: [],
  },
]

const short = (step: Step) => (step.do === 'run' ? step.pipe[0][1] : step.do)

for (const { when, name = NAME, declared = { sha256 }, reading, does } of cases) {
  t.test(`${when}: ${does.join(', ') || 'nothing'}`, async (t) => {
    t.same(plan(unit, name, parse(unit.props, declared), reading).steps.map(short), does)
  })
}

t.test('systemd judges a unit before it is in place, a drop-in afterwards', async (t) => {
  const validateOf = (name: string, more = {}) => {
    const { steps } = plan(unit, name, parse(unit.props, { sha256, ...more }), null)
    return steps.find((step) => step.do === 'write')?.validate
  }
  const verify = ['systemd-analyze', 'verify', '--man=no', '--recursive-errors=no', '--']
  t.same(validateOf(NAME), [...verify, '%s:app.service'])
  t.same(validateOf(DROP_IN), [...verify, 'app.service'])
  t.equal(validateOf(NAME, { verify: false }), null)
})

t.test('a drop-in that is verified wants its unit', async (t) => {
  const wantsOf = (name: string, more = {}) => {
    const { steps } = plan(unit, name, parse(unit.props, { sha256, ...more }), null)
    return steps.find((step) => step.do === 'write')?.wants
  }
  t.same(wantsOf(DROP_IN), ['unit:app.service'])
  t.same(wantsOf(DROP_IN, { verify: false }), [])
  t.same(wantsOf(NAME), [])
})

t.test('a directory in its place is not removed unasked', async (t) => {
  const props = parse(unit.props, { sha256 })
  t.throws(() => plan(unit, NAME, props, { ...there, kind: 'directory' }), { code: 'conflict' })
})

const readings = [
  { when: 'systemd goes by it', shows: { FragmentPath: PATH }, reads: { loaded: true } },
  {
    when: 'it has changed since',
    shows: { FragmentPath: PATH, NeedDaemonReload: 'yes' },
    reads: { loaded: false },
  },
  { when: 'systemd goes by a packaged one', shows: { FragmentPath: '/lib/x' }, reads: { loaded: false } },
  {
    when: 'it runs',
    shows: { ActiveState: 'active', UnitFileState: 'enabled-runtime' },
    reads: { active: true, enabled: true },
  },
]
for (const { when, shows, reads } of readings)
  t.test(`read: ${when}`, async (t) => {
    const fake = fakeHost()
    fake.put(PATH, 'x')
    fake.units.set(NAME, new Map(Object.entries(shows)))
    t.match(await unit.read(NAME, parse(unit.props, { sha256 }), fake.host), { kind: 'file', ...reads })
  })

t.test('read: a file that is gone', async (t) => {
  const fake = fakeHost()
  const declared = parse(unit.props, { sha256 })
  t.equal(await unit.read(NAME, declared, fake.host), null)
  fake.units.set(NAME, new Map([['FragmentPath', PATH]]))
  t.equal(await unit.read(NAME, parse(unit.props, absent), fake.host), null)
  fake.units.get(NAME)?.set('NeedDaemonReload', 'yes')
  t.match(await unit.read(NAME, parse(unit.props, absent), fake.host), { kind: null, packaged: false })
  fake.put('/lib/systemd/system/app.service')
  t.match(await unit.read(NAME, parse(unit.props, absent), fake.host), { packaged: true })
})

t.test('read: a drop-in', async (t) => {
  const fake = fakeHost()
  const path = `/etc/systemd/system/${DROP_IN}`
  fake.put(path)
  fake.put('/etc/systemd/system/app.service.d/other.conf')
  const declared = parse(unit.props, { sha256 })
  const read = () => unit.read(DROP_IN, declared, fake.host)
  t.match(await read(), { kind: 'file', loaded: true, drop_ins: 2 }, 'nobody reads it, for want of its unit')
  fake.units.set(NAME, new Map([['LoadState', 'loaded']]))
  t.match(await read(), { loaded: false })
  fake.units.get(NAME)?.set('DropInPaths', `/a ${path}`)
  t.match(await read(), { loaded: true })
  fake.files.delete(path)
  t.match(await read(), { kind: null, sha256: null, drop_ins: 1 }, 'its directory is there')
})

t.test('read: a mask is no unit that has to go', async (t) => {
  const fake = fakeHost()
  const path = `/etc/systemd/system/${NAME}`
  fake.put(path)
  const entry = fake.files.get(path)
  if (entry) fake.files.set(path, { ...entry, stat: { ...entry.stat, kind: 'link', target: '/dev/null' } })
  t.equal(await unit.read(NAME, parse(unit.props, { absent: true }), fake.host), null)
  t.match(await unit.read(NAME, parse(unit.props, { sha256 }), fake.host), { kind: 'link' })
})

t.test('read: a template is no unit that one asks for', async (t) => {
  const fake = fakeHost()
  fake.host.unit = async () => t.fail('systemctl show would fail') as never
  fake.put('/etc/systemd/system/app@.service')
  const declared = parse(unit.props, { sha256 })
  t.match(await unit.read('app@.service', declared, fake.host), { loaded: true, active: false })
  t.same(unit.watches?.('app@.service', declared), [{ path: '/etc/systemd/system/app@.service' }])
})

t.test('its names are files below /etc/systemd/system', async (t) => {
  for (const name of [NAME, DROP_IN, 'app@.service', 'app@1.timer', 'a-b.mount', 'getty@.service.d/x.conf'])
    t.ok(safeParse(unit.name, name).success, name)
  for (const name of [
    'app',
    'app.service.d',
    'app.service.d/x',
    '../x.service',
    'app.d/x.conf',
    'a.service.d/../b.conf',
    'a.scope',
    '/etc/x.service',
    'app.service.d/.x.conf/y.conf',
  ])
    t.notOk(safeParse(unit.name, name).success, name)
})

t.test('what it waits for', async (t) => {
  const requires = (name: string) => unit.requires?.(name, parse(unit.props, { sha256, owner: 'app' })) ?? []
  t.ok(requires(NAME).includes('user:app'))
  t.ok(requires('app.socket').includes('unit:app.service'))
  for (const id of [
    'unit:nginx.service',
    'package:nginx',
    'directory:/etc/systemd/system/nginx.service.d',
  ] as const)
    t.ok(requires('nginx.service.d/x.conf').includes(id), id)
})

t.test('content has to be given', async (t) => {
  t.match(safeParse(unit.props, {}).issues?.[0]?.message, /needs "content"/)
})

t.test('contract', async (t) => {
  contract(t, unit, NAME, { sha256 }, there)
  contract(t, unit, DROP_IN, { sha256 }, { ...there, drop_ins: 1 })
})
