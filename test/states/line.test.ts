import t from 'tap'
import { parse, safeParse } from 'valibot'
import { plan } from '../../lib/plan.ts'
import { line } from '../../states/line.ts'
import { contract } from '../helpers/contract.ts'
import { fakeHost } from '../helpers/fake-host.ts'
import { settle } from '../helpers/settle.ts'

const PATH = '/etc/app.conf'
const NAME = `${PATH}#port`
const text = 'Port 22'

const cases = [
  { when: 'it is there', declared: { text }, is: 'a\nPort 22\nb\n', becomes: null },
  { when: 'it is not there', declared: { text }, is: 'a\n', becomes: 'a\nPort 22\n' },
  { when: 'the file is empty', declared: { text }, is: '', becomes: 'Port 22\n' },
  { when: 'the last line has no end', declared: { text }, is: 'a\nb', becomes: 'a\nb\nPort 22\n' },
  { when: 'lines end as on Windows', declared: { text }, is: 'a\r\n', becomes: 'a\r\nPort 22\r\n' },
  { when: 'it is there and ends as on Windows', declared: { text }, is: 'Port 22\r\n', becomes: null },
  {
    when: 'one line matches',
    declared: { text, match: '^#?Port\\b' },
    is: 'a\n#Port 2222\nb\n',
    becomes: 'a\nPort 22\nb\n',
  },
  {
    when: 'the line that matches is the last and has no end',
    declared: { text, match: '^#?Port\\b' },
    is: 'a\r\n#Port 2222',
    becomes: 'a\r\nPort 22',
  },
  {
    when: 'nothing matches',
    declared: { text, match: '^Port\\b' },
    is: '#Port 2222\n',
    becomes: '#Port 2222\nPort 22\n',
  },
  {
    when: 'the pattern finds the old line alone, and the new one is there',
    declared: { text, match: '^#Port' },
    is: '#Port 2222\nPort 22\n',
    becomes: null,
  },
  {
    when: 'the same line is there twice',
    declared: { text, match: '^Port' },
    is: 'Port 22\nPort 22\n',
    becomes: null,
  },
  {
    when: 'the first of several is meant',
    declared: { text, match: '^Port', which: 'first' },
    is: 'Port 1\nPort 2\n',
    becomes: 'Port 22\nPort 2\n',
  },
  {
    when: 'the first of several is right already',
    declared: { text, match: '^Port', which: 'first' },
    is: 'Port 22\nPort 2\n',
    becomes: null,
  },
  {
    when: 'the last of several is meant',
    declared: { text, match: '^Port', which: 'last' },
    is: 'Port 1\nPort 2\nx\n',
    becomes: 'Port 1\nPort 22\nx\n',
  },
  {
    when: 'all are meant',
    declared: { text, match: '^Port', which: 'all' },
    is: 'Port 1\nx\nPort 22\nPort 3\n',
    becomes: 'Port 22\nx\nPort 22\nPort 22\n',
  },
  {
    when: 'it goes behind the last that matches',
    declared: { text, after: '^#' },
    is: '#1\n#2\na\n',
    becomes: '#1\n#2\nPort 22\na\n',
  },
  {
    when: 'it goes before the first that matches',
    declared: { text, before: '^Match' },
    is: 'a\nMatch 1\nMatch 2\n',
    becomes: 'a\nPort 22\nMatch 1\nMatch 2\n',
  },
  { when: 'it goes to the top', declared: { text, before: 'BOF' }, is: 'a\n', becomes: 'Port 22\na\n' },
  { when: 'it goes to the end', declared: { text, after: 'EOF' }, is: 'a\n', becomes: 'a\nPort 22\n' },
  { when: 'it stands elsewhere', declared: { text, before: 'BOF' }, is: 'a\nPort 22\n', becomes: null },
  {
    when: 'groups are kept',
    declared: { text: 'A="\\1 b"', match: '^A="(.*?)( b)?"$', backrefs: true },
    is: 'A="a"\n',
    becomes: 'A="a b"\n',
  },
  {
    when: 'groups are kept and all is well',
    declared: { text: 'A="\\1 b"', match: '^A="(.*?)( b)?"$', backrefs: true },
    is: 'A="a b"\n',
    becomes: null,
  },
  {
    when: 'groups are kept and nothing matches',
    declared: { text: '\\1', match: '^B=(.*)$', backrefs: true },
    is: 'A\n',
    becomes: null,
  },
  { when: 'it may be made and is missing', declared: { text, create: true }, is: null, becomes: 'Port 22\n' },
  {
    when: 'absent, there twice',
    declared: { text, absent: true },
    is: 'Port 22\na\nPort 22\n',
    becomes: 'a\n',
  },
  {
    when: 'absent by a pattern',
    declared: { match: '^deb cdrom:', absent: true },
    is: 'deb cdrom:x\n# deb cdrom:\n',
    becomes: '# deb cdrom:\n',
  },
  { when: 'absent and not there', declared: { text, absent: true }, is: 'a\n', becomes: null },
  { when: 'absent and no file', declared: { text, absent: true }, is: null, becomes: null },
]

for (const { when, declared, is, becomes } of cases) {
  t.test(`${when}: ${becomes === null ? 'nothing' : 'edited'}`, async (t) => {
    const { steps, text } = await settle(line, NAME, declared, is === null ? {} : { [PATH]: is })
    t.equal(steps.length, becomes === null ? 0 : 1)
    t.equal(text(PATH), becomes ?? is)
  })
}

t.test('the file keeps its mode and owner, is validated and kept', async (t) => {
  const guards = { validate: 'sshd -t -f %s', backup: '/etc/app.old' }
  const { steps } = await settle(line, NAME, { text, ...guards }, { [PATH]: 'a\n' })
  const kept = { mode: null, owner: null, group: null, backup: '/etc/app.old' }
  t.match(steps, [{ do: 'write', path: PATH, ...kept, validate: ['sshd', '-t', '-f', '%s'] }])
  const fresh = await settle(line, NAME, { text, create: true, ...guards }, {})
  t.match(fresh.steps, [{ backup: null }], 'there is nothing to keep of a new file')
})

const refusals = [
  { declared: { text }, is: null, fails: { code: 'not-found', hint: /file:\/etc\/app\.conf.*create: true/ } },
  {
    declared: { text, match: '^Port' },
    is: 'Port 1\nPort 2\n',
    fails: { code: 'conflict', message: /2 different lines/, hint: /which: first/ },
  },
  { declared: { text, after: '^x' }, is: 'a\n', fails: { code: 'not-found', message: /matches "\^x"/ } },
  { declared: { text }, is: 'caf\ufffd\n', fails: { code: 'invalid', message: /no text in UTF-8/ } },
]
for (const { declared, is, fails } of refusals)
  t.test(`refused: ${fails.code} ${JSON.stringify(declared)}`, async (t) =>
    t.rejects(settle(line, NAME, declared, is === null ? {} : { [PATH]: is }), fails),
  )

t.test('what is no file has no lines', async (t) => {
  const fake = fakeHost()
  fake.put(PATH)
  const stat = { ...(await fake.host.stat(PATH)), kind: 'link', target: 'other' }
  fake.host.stat = async () => stat as never
  const props = parse(line.props, { text })
  await t.rejects(line.read(NAME, props, fake.host), { code: 'conflict', hint: /it leads to other/ })
})

t.test('a line that is too long is matched by no pattern', async (t) => {
  const long = `Port ${'1'.repeat(5000)}\n`
  const { text: after } = await settle(line, NAME, { text, match: '^Port' }, { [PATH]: long })
  t.equal(after(PATH), `${long}Port 22\n`)
})

const mistakes = [
  {},
  { absent: true },
  { text: 'a\nb' },
  { text, match: '(a+)+$' },
  { text, match: '[' },
  { text, match: '' },
  { text, after: 'a', before: 'b' },
  { text, backrefs: true },
]
for (const declared of mistakes)
  t.test(`lint refuses ${JSON.stringify(declared)}`, async (t) =>
    t.notOk(safeParse(line.props, declared).success),
  )

t.test('a name is a path and perhaps a label', async (t) => {
  for (const name of [PATH, NAME, '/a#b-c.d:e']) t.ok(safeParse(line.name, name).success, name)
  for (const name of ['app.conf', '/etc/app.conf#', '/etc/a#b c', '/etc//a#b', '/proc/x#y', '#a', ''])
    t.notOk(safeParse(line.name, name).success, name)
  t.match(safeParse(line.name, '/etc//a#b').issues?.[0]?.message, /must be normal/)
})

t.test('it comes after what makes its file', async (t) => {
  t.same(line.requires?.(NAME, parse(line.props, { text })), [
    'directory:/etc',
    'link:/etc',
    'file:/etc',
    `file:${PATH}`,
  ])
  t.same(line.watches?.(NAME, parse(line.props, { text })), [{ path: PATH }])
})

t.test('contract', async (t) =>
  contract(t, line, NAME, { text, which: 'all', create: true }, { lines: [text], content: 'Port 22\n' }),
)

t.test('drift shows the line that is there', async (t) => {
  const props = parse(line.props, { text, match: '^#?Port' })
  const { changes } = plan(line, NAME, props, { lines: ['#Port 1'], content: '#Port 1\n' })
  t.same(changes, [{ field: 'lines', from: ['#Port 1'], to: [text] }])
})
