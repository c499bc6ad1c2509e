import t from 'tap'
import { parse, safeParse } from 'valibot'
import { plan } from '../../lib/plan.ts'
import { link } from '../../states/link.ts'
import { contract } from '../helpers/contract.ts'

const PATH = '/etc/app/current'
const there = { kind: 'link', target: '../v2' } as const
const declared = { to: '../v2' }

const cases = [
  { when: 'as declared', reading: there, does: [] },
  { when: 'missing', reading: null, does: ['link'] },
  { when: 'it leads elsewhere', reading: { ...there, target: '../v1' }, does: ['link'] },
  {
    when: 'a file is in its place and may go',
    declared: { ...declared, force: true },
    reading: { kind: 'file' as const, target: '' },
    does: ['link'],
  },
  {
    when: 'a directory is in its place and may go',
    declared: { ...declared, force: true },
    reading: { kind: 'directory' as const, target: '' },
    does: ['remove', 'link'],
  },
  { when: 'absent and there', declared: { absent: true }, reading: there, does: ['remove'] },
  { when: 'absent and not there', declared: { absent: true }, reading: null, does: [] },
]
for (const { when, declared: props = declared, reading, does } of cases) {
  t.test(`${when}: ${does.join(', ') || 'nothing'}`, async (t) => {
    const { steps } = plan(link, PATH, parse(link.props, props), reading)
    t.same(
      steps.map((step) => step.do),
      does,
    )
  })
}

t.test('what is no link is not replaced unasked', async (t) => {
  const props = parse(link.props, declared)
  for (const kind of ['file', 'directory'] as const)
    t.throws(() => plan(link, PATH, props, { kind, target: '' }), { code: 'conflict', hint: /force: true/ })
  const absent = parse(link.props, { absent: true })
  t.throws(() => plan(link, PATH, absent, { kind: 'file', target: '' }), { code: 'conflict' })
})

t.test('where it leads has to be said', async (t) => {
  t.match(safeParse(link.props, {}).issues?.[0]?.message, /needs "to"/)
})

t.test('contract', async (t) => {
  contract(t, link, PATH, { ...declared, force: true }, there)
  t.same(link.requires?.(PATH, parse(link.props, declared)), [
    'directory:/etc',
    'link:/etc',
    'file:/etc',
    'directory:/etc/app',
    'link:/etc/app',
    'file:/etc/app',
  ])
})
