import t from 'tap'
import { parse, strictObject, string } from 'valibot'
import { converge } from '../../agent/converge.ts'
import type { Debt } from '../../agent/journal.ts'
import type { Run } from '../../agent/pass.ts'
import { order, type Resource } from '../../lib/catalog.ts'
import { fingerprint } from '../../lib/fingerprint.ts'
import { isDue, type Outcome } from '../../lib/outcome.ts'
import { type AnyState, defineState } from '../../lib/state.ts'
import { command } from '../../lib/step.ts'
import { directory } from '../../states/directory.ts'
import { file } from '../../states/file.ts'
import { link } from '../../states/link.ts'
import { service } from '../../states/service.ts'
import { fakeHost, fakeJournal, fakeLedger, resource, restartOn } from '../helpers/fake-host.ts'

/** Something that a command makes, and nobody knows what else. */
const opaque = defineState({
  type: 'opaque',
  name: string(),
  props: strictObject({}),
  fields: strictObject({ on: string() }),
  desired: () => ({ on: 'yes' }),
  read: async () => ({ on: 'no' }),
  steps: () => [command(['true'], 1000, ['*'])],
  examples: [],
})

const states: ReadonlyMap<string, AnyState> = new Map<string, AnyState>(
  [file, directory, link, service, opaque as AnyState].map((state) => [state.type, state]),
)

const props = (state: AnyState, declared: object) => parse(state.props, declared) as Record<string, unknown>
const conf = resource('file:/etc/motd', { ...props(file, {}), sha256: null })
const unit = resource('service:motd.service', props(service, {}), {
  reactions: [restartOn('file:/etc/motd')],
})

function world(debts: Debt[] = [], ...more: AnyState[]) {
  const fake = fakeHost()
  fake.addUnit('motd.service', true)
  const journal = fakeJournal(debts)
  const run = async (mode: Run['mode'], resources: readonly Resource[], besides: Partial<Run> = {}) => {
    fake.performed.length = 0
    return converge(
      { resources: order(resources) },
      {
        mode,
        host: fake.host,
        states: new Map([...states, ...more.map((state) => [state.type, state] as const)]),
        blobs: new Map(),
        journal,
        ledger: fakeLedger,
        perform: fake.perform,
        tell: () => undefined,
        ...besides,
      },
    )
  }
  return { ...fake, run, debts }
}

const stepsOf = (outcomes: readonly Outcome[]) =>
  outcomes.map((outcome) => ('steps' in outcome ? outcome.steps : []))
const statuses = (outcomes: readonly Outcome[]) => outcomes.map((outcome) => outcome.status)

t.test('a check shows the very steps that an apply then performs', async (t) => {
  const { run, performed } = world()
  const checked = await run('check', [unit, conf])
  t.same(performed, [], 'a check performs nothing')
  const applied = await run('apply', [unit, conf])
  t.same(statuses(checked.outcomes), ['planned', 'planned'])
  t.same(stepsOf(checked.outcomes), stepsOf(applied.outcomes))
  t.same(performed, stepsOf(checked.outcomes).flat())
})

t.test('a run that waits for nothing hears that it is to end', async (t) => {
  const { host, perform } = world()
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 1)
  const resources = Array.from({ length: 50 }, (_, i) =>
    resource(`file:/etc/${i}`, { ...props(file, {}), sha256: null }),
  )
  const busy = async () => {
    for (const until = performance.now() + 20; performance.now() < until; );
  }
  const { outcomes } = await converge(
    { resources },
    {
      ...{
        mode: 'apply',
        host,
        states,
        blobs: new Map(),
        journal: fakeJournal(),
        ledger: fakeLedger,
        tell: () => undefined,
      },
      signal: stop.signal,
      perform: (step) => busy().then(() => perform(step)),
    },
  )
  t.equal(outcomes[0]?.status, 'changed')
  t.equal(outcomes.at(-1)?.status, 'skipped', 'long before its end')
})

t.test('a resource that is paused is shown and left alone, and nothing is done because of it', async (t) => {
  const { run, performed, debts } = world()
  const pause = { by: 'anna', until: 1, reason: 'a test', isOver: false }
  const of = (...ids: Resource['id'][]) => ({ paused: new Map(ids.map((id) => [id, pause])) })
  for (const mode of ['check', 'apply'] as const) {
    const { outcomes } = await run(mode, [unit, conf], of(conf.id))
    t.match(outcomes, [
      { id: conf.id, status: 'planned', paused: pause },
      { id: unit.id, status: 'settled' },
    ])
    t.equal(performed.length, 0)
  }
  t.ok(isDue((await run('check', [unit, conf])).outcomes[0] as Outcome))
  t.notOk(isDue((await run('check', [unit, conf], of(conf.id))).outcomes[0] as Outcome))

  const { outcomes } = await run('apply', [unit, conf], of(unit.id))
  t.same(statuses(outcomes), ['changed', 'planned'], 'the file is written and its service is not restarted')
  t.same(
    debts.map(({ id }) => id),
    [unit.id],
    'which is owed',
  )
  await run('apply', [unit, conf])
  t.same(
    performed.map((step) => step.do),
    ['run'],
    'and done when the pause has ended',
  )
})

t.test('a plan of what is paused is another plan', (t) => {
  const one: Outcome = {
    ...{ id: 'file:/a', status: 'planned', changes: [], steps: [], with: null, previews: [] },
    ...{ after: [], unknown: null },
  }
  const paused = { ...one, paused: { by: 'anna', until: 1, reason: 'a test', isOver: false } }
  t.not(fingerprint('h', [one]), fingerprint('h', [paused]))
  t.end()
})

t.test('a second apply finds nothing to do', async (t) => {
  const { run, performed } = world()
  await run('apply', [unit, conf])
  const again = await run('apply', [unit, conf])
  t.same(statuses(again.outcomes), ['settled', 'settled'])
  t.same(performed, [])
})

t.test('a unit whose file was written is read anew, and a check says that it may be', async (t) => {
  const { run, units, host, perform, performed, files, put } = world()
  put('/etc/systemd/system')
  const made = files.get('/etc/systemd/system')
  if (made) files.set('/etc/systemd/system', { ...made, stat: { ...made.stat, kind: 'directory' } })
  const written = resource('file:/etc/systemd/system/motd.service', { ...props(file, {}), sha256: null })
  const resources = [written, { ...unit, reactions: [restartOn(written.id)] }]
  const [, shown] = (await run('check', resources)).outcomes
  t.match(shown, { status: 'planned', after: [written.id] })

  // What a host has read of a unit it keeps until it is told to forget it.
  const known = new Map([['motd.service', new Map(units.get('motd.service'))]])
  const forgetful = {
    ...host,
    forget: () => known.clear(),
    unit: async (name: string) => known.get(name) ?? host.unit(name),
  }
  await converge(
    { resources },
    {
      mode: 'apply',
      host: forgetful,
      states,
      blobs: new Map(),
      journal: fakeJournal(),
      ledger: fakeLedger,
      tell: () => undefined,
      async perform(step) {
        const reloads = step.do === 'run' && step.pipe[0][1] === 'daemon-reload'
        units.get('motd.service')?.set('NeedDaemonReload', reloads ? 'no' : 'yes')
        await perform(step)
      },
    },
  )
  const did = performed.map((step) => (step.do === 'run' ? step.pipe[0][1] : step.do))
  t.same(did, ['write', 'daemon-reload', 'restart'])
})

t.test('a service restarts once, however many of its files change', async (t) => {
  const { run, performed } = world()
  const second = resource('file:/etc/issue', conf.props)
  const both = { ...unit, reactions: [restartOn('file:/etc/motd'), restartOn('file:/etc/issue')] }
  const { outcomes } = await run('apply', [both, conf, second])
  t.same(statuses(outcomes), ['changed', 'changed', 'changed'])
  t.match(outcomes.at(-1), { changes: [{ field: 'restart', to: ['file:/etc/motd', 'file:/etc/issue'] }] })
  t.equal(performed.filter((step) => step.do === 'run').length, 1)
})

t.test('what needs a failed resource is skipped, and nothing else is', async (t) => {
  const { run, broken } = world()
  broken.add('/etc/motd')
  const dependent = resource('file:/etc/issue', conf.props, { needs: [conf.id] })
  const other = resource('file:/etc/other', conf.props)
  const { outcomes } = await run('apply', [conf, dependent, other])
  t.match(outcomes, [
    { status: 'failed', reason: '/etc/motd is broken' },
    { status: 'skipped', because: conf.id },
    { status: 'changed' },
  ])
})

t.test('a restart is owed while its cause has failed, and done once it has not', async (t) => {
  const { run, broken, performed, debts } = world()
  const second = resource('file:/etc/issue', conf.props)
  const both = { ...unit, reactions: [restartOn('file:/etc/motd'), restartOn('file:/etc/issue')] }
  broken.add('/etc/issue')
  const first = await run('apply', [conf, second, both])
  t.same(
    performed.filter((step) => step.do === 'run'),
    [],
    'not on half of a change',
  )
  t.match(first.owed, [{ id: unit.id, why: 'file:/etc/issue failed' }, { id: unit.id }])
  t.equal(debts.length, 2, 'what is owed is in the journal')

  broken.clear()
  const checked = await run('check', [conf, second, both])
  t.match(checked.outcomes.at(-1), { status: 'planned', changes: [{ field: 'restart' }] })
  await run('apply', [conf, second, both])
  t.equal(performed.filter((step) => step.do === 'run').length, 1)
  t.same(debts, [])
})

t.test('an owed restart that was done before the crash is not done again', async (t) => {
  const owed = { id: unit.id, trigger: restartOn(conf.id) }
  const { run, performed, units, debts } = world([{ ...owed, begun: 'another invocation' }])
  await run('apply', [conf])
  const { outcomes } = await run('apply', [conf, unit])
  t.same(statuses(outcomes), ['settled', 'settled'])
  t.same(performed, [])
  t.same(debts, [])

  debts.push({ ...owed, begun: `${units.get('motd.service')?.get('InvocationID')}  ` })
  await run('apply', [conf, unit])
  t.equal(performed.length, 1, 'one that was begun and not done is done')
})

t.test('a restart that was tried and refused stays owed, though it left its trace', async (t) => {
  const { run, broken, performed, debts } = world()
  broken.add('motd.service')
  const refused = await run('apply', [conf, unit])
  t.same(statuses(refused.outcomes), ['changed', 'failed'])
  t.match(debts, [{ id: unit.id, begun: null }])
  broken.clear()
  const { outcomes } = await run('apply', [conf, unit])
  t.same(statuses(outcomes), ['settled', 'changed'])
  t.equal(performed.length, 1)
  t.same(debts, [])
})

t.test('a restart is owed when the run is interrupted before it', async (t) => {
  const { host, perform, addUnit } = fakeHost()
  addUnit('motd.service', true)
  const journal = fakeJournal()
  const stop = new AbortController()
  const { outcomes, owed } = await converge(
    { resources: order([conf, unit]) },
    {
      ...{ mode: 'apply', host, states, blobs: new Map(), journal, perform, signal: stop.signal },
      ledger: fakeLedger,
      tell: ({ kind }) => kind === 'outcome' && stop.abort(),
    },
  )
  t.same(statuses(outcomes), ['changed', 'skipped'])
  t.match(owed, [{ id: unit.id, why: 'the run was interrupted' }])
  t.match(journal.debts(unit.id), [{ trigger: { on: conf.id } }])
})

t.test('what a planned command may change is marked, never guessed', async (t) => {
  const { run } = world()
  const before = resource('file:/etc/before', conf.props)
  const maker = resource('opaque:x', {})
  const { outcomes } = await run('check', [before, maker, conf])
  t.match(outcomes, [
    { id: 'file:/etc/before', after: [] },
    { id: 'opaque:x', after: [] },
    { id: 'file:/etc/motd', after: ['opaque:x'] },
  ])
})

t.test('what cannot be planned before a command has run is said to be unknown', async (t) => {
  const { run } = world()
  const missing = resource('service:later.service', props(service, {}))
  const alone = await run('check', [missing])
  t.match(alone.outcomes, [{ status: 'failed', reason: /later\.service is not there/ }])
  const { outcomes } = await run('check', [resource('opaque:x', {}), missing])
  t.match(outcomes[1], {
    status: 'planned',
    after: ['opaque:x'],
    unknown: /later\.service is not there/,
    steps: [],
  })
})

t.test('a file in a directory that is planned is planned exactly', async (t) => {
  const { run, performed } = world()
  const folder = resource('directory:/etc/app', props(directory, {}))
  const inside = resource('file:/etc/app/x', conf.props)
  const checked = await run('check', [folder, inside])
  t.match(checked.outcomes, [{ after: [] }, { after: [] }])
  await run('apply', [folder, inside])
  t.same(performed, stepsOf(checked.outcomes).flat())
})

t.test('a file in a directory that nobody makes is refused by the check', async (t) => {
  const { run } = world()
  const { outcomes } = await run('check', [resource('file:/none/x', conf.props)])
  t.match(outcomes, [
    { status: 'failed', reason: 'directory /none is not there', hint: 'declare directory:/none before it' },
  ])
})

t.test('a step that does not take is a failure, not a change', async (t) => {
  const { host } = fakeHost()
  const { outcomes } = await converge(
    { resources: [conf] },
    {
      mode: 'apply',
      host,
      states,
      blobs: new Map(),
      journal: fakeJournal(),
      ledger: fakeLedger,
      perform: async () => undefined,
      tell: () => undefined,
    },
  )
  t.match(outcomes, [
    {
      status: 'failed',
      reason: 'it still differs after its steps',
      left: [{ field: 'exists' }, {}, {}, {}, {}],
    },
  ])
})

t.test('an interrupted run skips the rest', async (t) => {
  const { host } = fakeHost()
  const { outcomes } = await converge(
    { resources: [conf] },
    {
      mode: 'apply',
      host,
      states,
      blobs: new Map(),
      journal: fakeJournal(),
      ledger: fakeLedger,
      perform: async () => undefined,
      tell: () => undefined,
      signal: AbortSignal.abort(),
    },
  )
  t.match(outcomes, [{ status: 'skipped', because: null }])
})

t.test('ten thousand needs in a chain are ordered, and a cycle is named at its shortest', async (t) => {
  const chain = Array.from({ length: 10_000 }, (_, i) =>
    resource(`file:/etc/${i}`, conf.props, { needs: i < 9_999 ? [`file:/etc/${i + 1}`] : [] }),
  )
  t.equal(order(chain)[0]?.id, 'file:/etc/9999')
  const [a, b, c] = ['a', 'b', 'c'].map((x) => resource(`file:/${x}`, {})) as [Resource, Resource, Resource]
  t.throws(
    () =>
      order([
        { ...a, needs: [b.id] },
        { ...b, needs: [c.id, a.id] },
        { ...c, needs: [a.id] },
      ]),
    {
      message: 'cycle: file:/a needs file:/b needs file:/a',
    },
  )
  t.throws(() => order([{ ...a, needs: [a.id] }]), { message: 'cycle: file:/a needs file:/a' })
})

t.test('a restart for what may turn out not to change is shown as uncertain', async (t) => {
  const { run, put } = world()
  const command = resource('opaque:one', {})
  const other = resource('service:motd.service', props(service, { enabled: null, running: null }), {
    reactions: [restartOn('file:/etc/motd')],
  })
  put('/etc/motd')
  const late = resource(
    'file:/etc/motd',
    { ...props(file, { mode: '0600' }), sha256: null },
    { needs: ['opaque:one'] },
  )
  const { outcomes } = await run('check', [command, late, other])
  const after = (id: string) =>
    outcomes.flatMap((one) => (one.id === id && one.status === 'planned' ? one.after : []))
  t.same(after('file:/etc/motd'), ['opaque:one'])
  t.same(after('service:motd.service'), ['opaque:one', 'file:/etc/motd'])
})

t.test('a type that nobody knows here fails alone', async (t) => {
  const { run } = world()
  for (const mode of ['check', 'apply'] as const) {
    const { outcomes } = await run(mode, [resource('newer:x', {}), conf])
    t.match(outcomes, [
      { id: 'newer:x', status: 'failed', code: 'invalid', reason: 'this drover knows no state "newer"' },
      { id: 'file:/etc/motd', status: mode === 'check' ? 'planned' : 'changed' },
    ])
  }
})

t.test('one file that is declared by two paths is refused at plan and at apply, by both names', async (t) => {
  const { put, files, run, performed } = world()
  const make = (path: string, stat: object) => {
    put(path)
    const entry = files.get(path)
    if (entry) files.set(path, { ...entry, stat: { ...entry.stat, ...stat } })
  }
  make('/etc/b', { kind: 'directory' })
  make('/etc/a', { kind: 'link', target: 'b' })
  make('/etc/c', { kind: 'link', target: '/etc/a' })
  const at = (path: string) => resource(`file:${path}`, { ...props(file, {}), sha256: null })
  for (const mode of ['check', 'apply'] as const) {
    const { outcomes } = await run(mode, [at('/etc/a/x'), at('/etc/b/x'), at('/etc/c/y'), at('/etc/a/y')])
    t.same(
      outcomes.map((one) => [one.id, one.status, 'reason' in one ? one.reason : null]),
      [
        ['file:/etc/a/x', 'failed', 'file:/etc/a/x and file:/etc/b/x are the same: /etc/a leads to /etc/b'],
        ['file:/etc/b/x', mode === 'check' ? 'planned' : 'changed', null],
        ['file:/etc/c/y', mode === 'check' ? 'planned' : 'changed', null],
        ['file:/etc/a/y', 'failed', 'file:/etc/a/y and file:/etc/c/y are the same: /etc/a leads to /etc/b'],
      ],
    )
  }
  t.same(
    performed.map((step) => 'path' in step && step.path),
    ['/etc/b/x', '/etc/c/y'],
  )
})

t.test('a link that is planned before two paths to one file is seen through', async (t) => {
  const { put, files, run } = world()
  put('/etc/b')
  const made = files.get('/etc/b')
  if (made) files.set('/etc/b', { ...made, stat: { ...made.stat, kind: 'directory' } })
  const at = (path: string) => resource(`file:${path}`, { ...props(file, {}), sha256: null })
  const to = resource('link:/etc/a', props(link, { to: '/etc/b' }))
  const { outcomes } = await run('check', [to, { ...at('/etc/a/x'), needs: ['link:/etc/a'] }, at('/etc/b/x')])
  t.same(statuses(outcomes), ['planned', 'failed', 'planned'])
})

t.test(
  'a file whose old text cannot be read for a preview fails alone, and nothing is performed',
  async (t) => {
    const noted: AnyState = {
      ...(opaque as AnyState),
      type: 'noted',
      steps: (path) => [
        {
          ...{ do: 'write', path, content: { text: 'new' }, mode: null, owner: null, group: null },
          ...{ validate: null, backup: null },
        },
      ],
    }
    for (const mode of ['check', 'apply'] as const) {
      const { run, host, put, performed } = world([], noted)
      put('/etc/noted', 'old')
      host.text = async () => {
        throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' })
      }
      const { outcomes } = await run(mode, [resource('noted:/etc/noted', {}), conf])
      t.match(outcomes, [
        { id: 'noted:/etc/noted', status: 'failed', code: 'unavailable', reason: 'EIO: i/o error, read' },
        { id: 'file:/etc/motd', status: mode === 'check' ? 'planned' : 'changed' },
      ])
      t.notMatch(performed, [{ path: '/etc/noted' }])
    }
  },
)

t.test('a step whose effect cannot be laid over the host fails its resource alone', async (t) => {
  const { run, host, put } = world()
  put('/etc/issue')
  host.sha256 = async () => {
    throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' })
  }
  const issue = resource('file:/etc/issue', { ...props(file, { mode: '0600' }), sha256: null })
  const { outcomes } = await run('check', [issue, conf])
  t.match(outcomes, [
    { id: 'file:/etc/issue', status: 'failed', code: 'unavailable', reason: 'EIO: i/o error, read' },
    { id: 'file:/etc/motd', status: 'planned' },
  ])
})
