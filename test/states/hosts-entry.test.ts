import t from 'tap'
import { parse, safeParse } from 'valibot'
import { hostsEntry } from '../../states/hosts-entry.ts'
import { contract } from '../helpers/contract.ts'
import { settle } from '../helpers/settle.ts'

const HOSTS = '/etc/hosts'
const TOP = '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost # keep\n\n# others\n'
const address = '192.0.2.11'
const both = [address, '2001:db8::11']
const entry = { address, aliases: ['db'] }

const cases = [
  { when: 'it is there', declared: entry, is: '192.0.2.11 db1 db\n', becomes: null },
  {
    when: 'it is there, written another way',
    declared: { address: both, aliases: ['db', 'x'] },
    is: '2001:0DB8:0::11   DB1 x DB # c\n192.0.2.11 db1 db x\n',
    becomes: null,
  },
  { when: 'it is not there', declared: entry, is: '', becomes: '192.0.2.11\tdb1 db\n' },
  {
    when: 'the last line has no end',
    declared: entry,
    is: '1.1.1.1 a',
    becomes: '1.1.1.1 a\n192.0.2.11\tdb1 db\n',
  },
  {
    when: 'its address differs',
    declared: entry,
    is: '192.0.2.10 db1 db # south\n192.0.2.99 z\n',
    becomes: '192.0.2.11\tdb1 db # south\n192.0.2.99 z\n',
  },
  {
    when: 'its aliases differ',
    declared: entry,
    is: '192.0.2.11 db1 old\n',
    becomes: '192.0.2.11\tdb1 db\n',
  },
  {
    when: 'its aliases are not managed',
    declared: { address: '192.0.2.12', aliases: null },
    is: '192.0.2.11 db1 old\n',
    becomes: '192.0.2.12\tdb1 old\n',
  },
  {
    when: 'its comment differs',
    declared: { ...entry, comment: 'north' },
    is: '192.0.2.11 db1 db # south\n',
    becomes: '192.0.2.11\tdb1 db # north\n',
  },
  {
    when: 'one of two addresses is missing',
    declared: { address: both, aliases: [] },
    is: '192.0.2.11 db1\n192.0.2.99 z\n',
    becomes: '192.0.2.11 db1\n2001:db8::11\tdb1\n192.0.2.99 z\n',
  },
  {
    when: 'an address is there twice',
    declared: { address },
    is: '192.0.2.11 db1\n192.0.2.99 z\n192.0.2.11 db1\n',
    becomes: '192.0.2.11 db1\n192.0.2.99 z\n',
  },
  {
    when: 'an address is too many',
    declared: { address },
    is: '2001:db8::11 db1\n192.0.2.11 db1\n',
    becomes: '192.0.2.11 db1\n',
  },
  {
    when: 'only one of its lines has the alias',
    declared: { address: both, aliases: ['db'] },
    is: '192.0.2.11 db1 db\n2001:db8::11 db1\n',
    becomes: '192.0.2.11 db1 db\n2001:db8::11\tdb1 db\n',
  },
  {
    when: 'it is an alias of another host',
    declared: { address },
    is: '127.0.1.1 other db1 db2\n192.0.2.11 db1\n',
    becomes: '127.0.1.1\tother db2\n192.0.2.11 db1\n',
  },
  {
    when: 'it is an alias of localhost',
    declared: { address },
    is: '127.0.0.1 localhost db1\n',
    becomes: '127.0.0.1\tlocalhost\n192.0.2.11\tdb1\n',
  },
  {
    when: 'its line has localhost on it',
    declared: { address },
    is: '127.0.0.1 db1 localhost\n',
    becomes: '127.0.0.1\tlocalhost\n192.0.2.11\tdb1\n',
  },
  {
    when: 'its line has localhost on it and stays',
    declared: { address: '127.0.0.1', aliases: ['db'] },
    is: '127.0.0.1 db1 localhost\n',
    becomes: '127.0.0.1\tdb1 db localhost\n',
  },
  {
    when: 'absent and there',
    declared: { absent: true },
    is: '1.1.1.1 db1 x\n2.2.2.2 y\n',
    becomes: '2.2.2.2 y\n',
  },
  {
    when: 'absent, with localhost on its line',
    declared: { absent: true },
    is: '127.0.0.1 db1 localhost',
    becomes: '127.0.0.1\tlocalhost\n',
  },
  {
    when: 'absent, an alias of another',
    declared: { absent: true },
    is: '1.1.1.1 x db1\n',
    becomes: '1.1.1.1\tx\n',
  },
  { when: 'absent and not there', declared: { absent: true }, is: '1.1.1.1 x', becomes: null },
]

for (const { when, declared, is, becomes } of cases) {
  t.test(`${when}: ${becomes === null ? 'nothing' : 'edited'}`, async (t) => {
    const { steps, text } = await settle(hostsEntry, 'db1', declared, { [HOSTS]: TOP + is })
    t.equal(steps.length, becomes === null ? 0 : 1)
    t.equal(text(HOSTS), TOP + (becomes ?? is), 'all other lines are as they were')
  })
}

t.test('a file that is not there is made', async (t) => {
  const { text } = await settle(hostsEntry, 'db1', entry, {})
  t.equal(text(HOSTS), '192.0.2.11\tdb1 db\n')
})

const mistakes = [
  {},
  { address: [] },
  { address: '192.0.2.256' },
  { address: '192.0.2.0/24' },
  { address, aliases: ['a b'] },
  { address, aliases: ['localhost'] },
  { address, comment: 'a # b' },
]
for (const declared of mistakes)
  t.test(`lint refuses ${JSON.stringify(declared)}`, async (t) =>
    t.notOk(safeParse(hostsEntry.props, declared).success),
  )

t.test('names that a host needs are not declared', async (t) => {
  for (const name of ['localhost', 'LOCALHOST', 'ip6-allnodes', 'a b', 'a#', '-a', ''])
    t.notOk(safeParse(hostsEntry.name, name).success, name)
  for (const name of ['db1', 'db1.example.org', 'a_b']) t.ok(safeParse(hostsEntry.name, name).success, name)
})

t.test('contract', async (t) => {
  const there = { addresses: [address], aliases: ['db'], comment: 'c', elsewhere: [] }
  const content = '192.0.2.11 db1 db # c\n'
  contract(t, hostsEntry, 'db1', { ...entry, comment: 'c' }, { ...there, content })
  const props = parse(hostsEntry.props, entry)
  t.same(hostsEntry.watches?.('db1', props), [{ path: HOSTS }])
  t.same(hostsEntry.requires?.('db1', props), [`file:${HOSTS}`])
})
