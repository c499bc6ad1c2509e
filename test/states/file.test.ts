import t from 'tap'
import { parse } from 'valibot'
import { plan } from '../../lib/plan.ts'
import { file } from '../../states/file.ts'
import { contract } from '../helpers/contract.ts'

const PATH = '/etc/motd'
const sha256 = 'a'.repeat(64)
const there = { kind: 'file', sha256, mode: '0644', owner: 'root', group: 'root' } as const

const cases = [
  { when: 'as declared', reading: there, does: [] },
  { when: 'missing', reading: null, does: ['write'] },
  { when: 'its content differs', reading: { ...there, sha256: 'b'.repeat(64) }, does: ['write'] },
  { when: 'a link is in its place', reading: { ...there, kind: 'link' as const }, does: ['write'] },
  {
    when: 'a directory is in its place and may go',
    declared: { sha256, force: true },
    reading: { ...there, kind: 'directory' as const },
    does: ['remove', 'write'],
  },
  { when: 'its mode differs', reading: { ...there, mode: '0600' }, does: ['chmod'] },
  { when: 'its owner differs', reading: { ...there, owner: 'bob' }, does: ['chown', 'chmod'] },
  {
    when: 'its group differs and its mode is not managed',
    declared: { sha256, mode: null },
    reading: { ...there, group: 'bob' },
    does: ['chown'],
  },
  { when: 'its content is not managed', declared: {}, reading: there, does: [] },
  {
    when: 'it is written once and was changed since',
    declared: { sha256, once: true },
    reading: { ...there, sha256: '' },
    does: [],
  },
  {
    when: 'it is written once and missing',
    declared: { sha256, once: true },
    reading: null,
    does: ['write'],
  },
  { when: 'declared absent and there', declared: { absent: true }, reading: there, does: ['remove'] },
  {
    when: 'declared absent and a link is there',
    declared: { absent: true },
    reading: { ...there, kind: 'link' as const },
    does: ['remove'],
  },
  { when: 'declared absent and missing', declared: { absent: true }, reading: null, does: [] },
]

for (const { when, declared = { sha256 }, reading, does } of cases) {
  t.test(`${when}: ${does.join(', ') || 'nothing'}`, async (t) => {
    const { steps } = plan(file, PATH, parse(file.props, declared), reading)
    t.same(
      steps.map((step) => step.do),
      does,
    )
  })
}

t.test('a directory in its place is not removed unasked', async (t) => {
  const props = parse(file.props, { sha256 })
  t.throws(() => plan(file, PATH, props, { ...there, kind: 'directory' }), {
    code: 'conflict',
    hint: /force: true/,
  })
})

t.test('setuid has to be asked for', async (t) => {
  t.throws(() => plan(file, PATH, parse(file.props, { mode: '4755' }), null), {
    code: 'invalid',
    hint: /allow_setuid/,
  })
  t.match(plan(file, PATH, parse(file.props, { mode: '4755', allow_setuid: true }), null).steps, [
    { do: 'write', mode: '4755' },
  ])
})

t.test('contract', async (t) => contract(t, file, PATH, { sha256 }, there))
