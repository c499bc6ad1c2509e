import t from 'tap'
import { boolean, optional, parse, strictObject, string } from 'valibot'
import { converge } from '../../agent/converge.ts'
import { Failure } from '../../lib/failure.ts'
import { type AnyState, defineState, type ResourceId } from '../../lib/state.ts'
import { command, type Step } from '../../lib/step.ts'
import { directory } from '../../states/directory.ts'
import { file } from '../../states/file.ts'
import { fakeHost, fakeJournal, fakeLedger, resource } from '../helpers/fake-host.ts'

const made = new Set<string>()

/** Things that are made together, unless one is odd; the bad ones can't be planned, nor can any with them. */
const thing = defineState({
  type: 'thing',
  name: string(),
  props: strictObject({ odd: optional(boolean(), false) }),
  fields: strictObject({}),
  desired: () => ({}),
  read: async (name) => (made.has(name) ? {} : null),
  steps: () => [],
  together: (one, other) => one.odd === other.odd,
  async gather(planned, host) {
    const names = planned.map(({ name }) => name)
    if (names.some((name) => name.startsWith('bad'))) throw new Failure('invalid', 'it is bad')
    await host.aptIndex()
    return [command(['make', ...names], 1000, [])]
  },
  examples: [],
})

const states = new Map<string, AnyState>(
  [thing as AnyState, file, directory].map((state) => [state.type, state]),
)
const thingOf = (name: string, odd = false) => resource(`thing:${name}`, { odd })

async function run(mode: 'check' | 'apply', resources: ReturnType<typeof resource>[]) {
  made.clear()
  const fake = fakeHost()
  const argvs: string[] = []
  const perform = async (step: Step) => {
    if (step.do !== 'run') return fake.perform(step)
    for (const name of step.pipe[0].slice(1)) made.add(name)
    argvs.push(step.pipe[0].join(' '))
  }
  const journal = fakeJournal()
  const given = {
    mode,
    host: fake.host,
    states,
    blobs: new Map(),
    journal,
    ledger: fakeLedger,
    perform,
    tell: () => undefined,
  }
  const { outcomes } = await converge({ resources }, given)
  return { outcomes, argvs, of: (id: ResourceId) => outcomes.find((one) => one.id === id) }
}

t.test('what is gathered has one list of steps, and the first has it', async (t) => {
  const resources = ['a', 'b', 'c'].map((name) => thingOf(name))
  for (const mode of ['check', 'apply'] as const) {
    const { of } = await run(mode, resources)
    t.match(of('thing:a'), { with: null, steps: [{ pipe: [['make', 'a', 'b', 'c']] }] })
    t.match(of('thing:c'), { with: 'thing:a', steps: [] })
  }
})

t.test('one that can not be planned stops no other', async (t) => {
  const resources = ['a', 'b', 'bad', 'c', 'd'].map((name) => thingOf(name))
  const { outcomes, argvs } = await run('apply', resources)
  t.same(
    outcomes.map(({ id, status }) => `${id} ${status}`),
    ['thing:a changed', 'thing:b changed', 'thing:bad failed', 'thing:c changed', 'thing:d changed'],
  )
  t.same(argvs, ['make a b', 'make c d'])
})

t.test('what can not be done together is done apart, in order', async (t) => {
  const { argvs } = await run('apply', [thingOf('a'), thingOf('b', true), thingOf('c', true), thingOf('d')])
  t.same(argvs, ['make a', 'make b c', 'make d'])
})

t.test('what gathering asked of the host counts as read', async (t) => {
  const props = { ...(parse(file.props, {}) as object), sha256: null }
  const folder = resource('directory:/etc/apt', parse(directory.props, {}) as Record<string, unknown>)
  const source = resource('file:/etc/apt/sources.list', props)
  t.match((await run('check', [folder, source, thingOf('a')])).of('thing:a'), { after: [source.id] })
  const elsewhere = resource('file:/etc/motd', props)
  t.strictSame((await run('check', [folder, elsewhere, thingOf('a')])).of('thing:a'), {
    ...(await run('check', [thingOf('a')])).of('thing:a'),
  })
})
