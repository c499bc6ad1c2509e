import t from 'tap'
import { parse } from 'valibot'
import { plan } from '../../lib/plan.ts'
import { directory } from '../../states/directory.ts'
import { file } from '../../states/file.ts'
import { contract } from '../helpers/contract.ts'
import { fakeHost } from '../helpers/fake-host.ts'

const PATH = '/srv/app'
const there = {
  kind: 'directory' as const,
  mode: '0755',
  owner: 'root',
  group: 'root',
  undeclared: [],
  owned_by_others: [],
}

const cases = [
  { when: 'as declared', reading: there, does: [] },
  { when: 'missing', reading: null, does: [{ do: 'mkdir', mode: '0755', owner: 'root', group: 'root' }] },
  { when: 'its mode differs', reading: { ...there, mode: '0700' }, does: [{ do: 'chmod', mode: '0755' }] },
  {
    when: 'its owner differs',
    reading: { ...there, owner: 'bob' },
    does: [{ do: 'chown', owner: 'root', group: null }, { do: 'chmod' }],
  },
  {
    when: 'a file is in its place and may go',
    declared: { force: true },
    reading: { ...there, kind: 'file' as const },
    does: [{ do: 'remove', recursive: false }, { do: 'mkdir' }],
  },
  {
    when: 'something is in it that nobody declared',
    declared: { purge: true },
    reading: { ...there, undeclared: ['a', 'b'] },
    does: [
      { do: 'remove', path: '/srv/app/a', recursive: true },
      { do: 'remove', path: '/srv/app/b', recursive: true },
    ],
  },
  {
    when: 'what is below it has another owner',
    declared: { recurse: true, owner: 'app', group: null },
    reading: { ...there, owner: 'app', owned_by_others: ['/srv/app/a/b'] },
    does: [{ do: 'chown', path: '/srv/app/a/b', owner: 'app', group: null }],
  },
  {
    when: 'nothing but that it is there is managed',
    declared: { mode: null, owner: null, group: null },
    reading: { ...there, mode: '0700', owner: 'bob' },
    does: [],
  },
  { when: 'absent', declared: { absent: true }, reading: there, does: [{ do: 'remove', recursive: false }] },
  {
    when: 'absent with all that is in it',
    declared: { absent: true, recursive: true },
    reading: there,
    does: [{ do: 'remove', recursive: true }],
  },
  { when: 'absent and not there', declared: { absent: true }, reading: null, does: [] },
]
for (const { when, declared = {}, reading, does } of cases) {
  t.test(`${when}: ${does.map((step) => step.do).join(', ') || 'nothing'}`, async (t) => {
    const { steps } = plan(directory, PATH, parse(directory.props, declared), reading)
    t.match(steps, does)
    t.equal(steps.length, does.length)
  })
}

t.test('what is no directory is not removed unasked', async (t) => {
  for (const declared of [{}, { absent: true }])
    t.throws(() => plan(directory, PATH, parse(directory.props, declared), { ...there, kind: 'file' }), {
      code: 'conflict',
    })
})

t.test('a purge keeps what the catalog declares, and what it watches', async (t) => {
  const complete = (declared: object) =>
    directory.complete?.(PATH, parse(directory.props, declared), [
      { type: 'file', name: '/srv/app/conf/a', props: {}, paths: ['/srv/app/conf/a'] },
      { type: 'file', name: '/srv/application', props: {}, paths: [] },
      { type: 'line', name: '/srv/app/env#a', props: {}, paths: ['/srv/app/env'] },
      { type: 'cron', name: 'job', props: {}, paths: ['/etc/cron.d/job'] },
    ]).keep
  const kept = complete({ purge: true, keep: ['mine'] }) ?? []
  for (const name of ['conf', 'env', 'mine']) t.ok(kept.includes(name), name)
  for (const name of ['application', 'job', 'a']) t.notOk(kept.includes(name), name)
  t.same(complete({ keep: ['mine'] }), ['mine'], 'without a purge nothing is asked')
})

t.test('what others give an owner is apart', async (t) => {
  const one = (name: string, props: object) => ({ type: 'file', name, props: { ...props }, paths: [name] })
  const all = [
    one(`${PATH}/hers`, { owner: 'ada', group: null }),
    one(`${PATH}/nobodys`, { owner: null, group: null }),
    one(`${PATH}/all-hers`, { owner: 'ada', group: 'ada', recurse: true }),
    one('/srv/application', { owner: 'ada' }),
  ]
  const complete = (declared: object) => directory.complete?.(PATH, parse(directory.props, declared), all)
  const apart = [`${PATH}/mine`, `${PATH}/all-hers/`, `${PATH}/hers`]
  t.same(complete({ recurse: true, apart: [`${PATH}/mine`] })?.apart, apart)
  t.same(complete({})?.apart, [], 'without recurse nothing is asked')

  const { host, put, files } = fakeHost()
  for (const path of [PATH, `${PATH}/all-hers`]) {
    put(path)
    const entry = files.get(path)
    if (entry) files.set(path, { ...entry, stat: { ...entry.stat, kind: 'directory' } })
  }
  for (const name of ['hers', 'other', 'all-hers/x']) put(`${PATH}/${name}`)
  const props = parse(directory.props, { recurse: true, owner: 'app', apart })
  t.match(await directory.read(PATH, props, host), { owned_by_others: [`${PATH}/other`] })
})

t.test(
  'what is made below and has no owner of its own has that of the directory from the start',
  async (t) => {
    const directories = {
      '/srv/app': { owner: 'app', group: null, recurse: true, absent: false, apart: ['/srv/app/mine/'] },
      '/srv/app/hers': { owner: null, group: 'ada', recurse: true, absent: false, apart: [] },
      '/srv/app/plain': { owner: 'root', group: 'root', recurse: false, absent: false, apart: [] },
      '/srv/gone': { owner: 'app', group: null, recurse: true, absent: true, apart: [] },
    }
    const all = Object.entries(directories).map(([name, props]) => ({
      ...{ type: 'directory', name, props, paths: [name] },
    }))
    const of = (path: string, declared: object = { owner: null, group: null }) => {
      const { owner, group } = file.complete?.(path, parse(file.props, declared), all) ?? {}
      return [owner, group]
    }
    t.same(of('/srv/app/x'), ['app', null])
    t.same(of('/srv/app/plain/x'), ['app', null], 'the nearest that holds for all below it')
    t.same(of('/srv/app/hers/x'), [null, 'ada'])
    t.same(of('/srv/app/x', {}), ['root', 'root'], 'an owner of its own')
    t.same(of('/srv/app/x', { owner: null, group: 'bob' }), [null, 'bob'])
    for (const other of ['/srv/app/mine/x', '/srv/application', '/srv/gone/x'])
      t.same(of(other), [null, null])
    const inner = parse(directory.props, { owner: null, group: null })
    t.match(directory.complete?.('/srv/app/d', inner, all), { owner: 'app', group: null })

    const line = { type: 'line', name: '/srv/app/l#k', props: { create: true }, paths: ['/srv/app/l'] }
    const { apart } =
      directory.complete?.('/srv/app', parse(directory.props, { recurse: true }), [line]) ?? {}
    t.ok(apart?.includes('/srv/app/l'), 'what a line makes is of root, and stays so')
  },
)

t.test('it reads what is in it only when that matters', async (t) => {
  const { host, put, files } = fakeHost()
  put(PATH)
  const entry = files.get(PATH)
  if (entry) files.set(PATH, { ...entry, stat: { ...entry.stat, kind: 'directory' } })
  put(`${PATH}/mine`)
  put(`${PATH}/other`)
  const read = (declared: object) => directory.read(PATH, parse(directory.props, declared), host)
  t.match(await read({}), { undeclared: [], owned_by_others: [] })
  t.match(await read({ purge: true, keep: ['mine'] }), { undeclared: ['other'] })
  t.match(await read({ recurse: true, owner: 'app' }), {
    owned_by_others: [`${PATH}/mine`, `${PATH}/other`],
  })
  t.match(
    await read({ purge: true, recurse: true, owner: 'app', keep: ['mine'] }),
    { undeclared: ['other'], owned_by_others: [`${PATH}/mine`] },
    'what is removed is not given away first',
  )
  t.equal(await directory.read('/none', parse(directory.props, {}), host), null)
})

t.test('contract', async (t) =>
  contract(t, directory, PATH, { purge: true, recurse: true, force: true }, there),
)
