import t from 'tap'
import { parse, safeParse } from 'valibot'
import { plan } from '../../lib/plan.ts'
import { fileOf, pathOf, related, settingIn } from '../../lib/sysctls.ts'
import { sysctl } from '../../states/sysctl.ts'
import { contract } from '../helpers/contract.ts'

const NAME = 'net.ipv4.ip_forward'
const FILE = '/etc/sysctl.d/zz-drover-net.ipv4.ip_forward.conf'
const there = { live: '1', persisted: '1', access: '0644 root root', overridden_by: '', writable: true }
const SET = 'sysctl --quiet --write -- net.ipv4.ip_forward=1'

const cases = [
  { when: 'as declared', declared: {}, reading: there, does: [] },
  { when: 'another value now', declared: {}, reading: { ...there, live: '0' }, does: [SET] },
  {
    when: 'another value at boot',
    declared: {},
    reading: { ...there, persisted: '0' },
    does: [`write ${FILE}`],
  },
  {
    when: 'another value now, and none at boot',
    declared: {},
    reading: { ...there, live: '0', persisted: null, access: null },
    does: [SET, `write ${FILE}`],
  },
  {
    when: 'others may write its file',
    declared: {},
    reading: { ...there, access: '0666 root root' },
    does: [`write ${FILE}`],
  },
  { when: 'for now alone', declared: { persist: false }, reading: there, does: [`remove ${FILE}`] },
  {
    when: 'for now alone, and so it is',
    declared: { persist: false },
    reading: { ...there, persisted: null, access: null, overridden_by: '' },
    does: [],
  },
  { when: 'for the next boot alone', declared: { live: false }, reading: { ...there, live: null }, does: [] },
  { when: 'absent and kept', declared: { absent: true }, reading: there, does: [`remove ${FILE}`] },
  { when: 'absent and not kept', declared: { absent: true }, reading: null, does: [] },
]

for (const { when, declared, reading, does } of cases) {
  t.test(`${when}: ${does.join(', ') || 'nothing'}`, async (t) => {
    const { steps } = plan(sysctl, NAME, parse(sysctl.props, { value: 1, ...declared }), reading)
    t.same(
      steps.map((step) =>
        step.do === 'run' ? step.pipe[0].join(' ') : `${step.do} ${'path' in step ? step.path : ''}`,
      ),
      does,
    )
  })
}

t.test('a setting that may be missing is kept for later without a complaint at boot', async (t) => {
  const reading = { ...there, persisted: null, access: null }
  const { steps } = plan(sysctl, NAME, parse(sysctl.props, { value: 1, if_present: true }), reading)
  t.same(
    steps.map((step) => (step.do === 'write' ? step.content : step.do)),
    [{ text: '# Kept by drover.\n-net.ipv4.ip_forward = 1\n' }],
  )
})

const refusals = [
  {
    when: 'the kernel has no such setting',
    reading: { ...there, live: null },
    code: 'not-found',
    says: /has no setting/,
  },
  {
    when: 'it is read-only here',
    reading: { ...there, live: '0', writable: false },
    code: 'denied',
    says: /read-only on this host/,
  },
  {
    when: 'a later file says otherwise',
    reading: { ...there, persisted: '0', overridden_by: '/etc/sysctl.d/zzz.conf' },
    code: 'conflict',
    says: /another value by \/etc\/sysctl.d\/zzz.conf/,
  },
]

for (const { when, reading, code, says } of refusals) {
  t.test(`${when}: refused`, async (t) => {
    const props = parse(sysctl.props, { value: 1 })
    t.throws(() => plan(sysctl, NAME, props, reading), { code, message: says, hint: /./ })
  })
}

t.test('a name leads to its place in /proc/sys, and nowhere else', async (t) => {
  t.equal(pathOf('net.ipv4.conf.eth0/100.rp_filter'), '/proc/sys/net/ipv4/conf/eth0.100/rp_filter')
  t.equal(
    fileOf('net.ipv4.conf.eth0/100.rp_filter'),
    '/etc/sysctl.d/zz-drover-net.ipv4.conf.eth0:100.rp_filter.conf',
  )
  for (const name of [
    'net',
    'net.//.x',
    'net./x',
    'net..x',
    '/net/ipv4',
    'net.ipv4.',
    'net.a b',
    '-w.x',
    'net.ipv4=1',
  ])
    t.notOk(safeParse(sysctl.name, name).success, name)
  t.ok(safeParse(sysctl.name, 'net.ipv4.conf.eth0/100.rp_filter').success)
})

t.test('how many blanks a value has does not matter', async (t) => {
  t.equal(parse(sysctl.props, { value: ' 4096\t87380  6291456 ' }).value, '4096 87380 6291456')
  t.match(safeParse(sysctl.props, { value: true }).issues?.[0]?.message, /write 1 for on/)
  t.match(safeParse(sysctl.props, {}).issues?.[0]?.message, /"value" must be declared/)
  t.match(safeParse(sysctl.props, { value: '' }).issues?.[0]?.message, /not empty/)
})

t.test('a file of sysctl.d gives the last value of a setting, however it is written', async (t) => {
  const text =
    '# net.ipv4.ip_forward = 7\nnet.ipv4.ip_forward=0\n; x = 1\n\n - net/ipv4/ip_forward =  1 \nvm.swappiness = 5'
  t.equal(settingIn(text, NAME), '1')
  t.equal(settingIn(text, 'vm.swappiness'), '5')
  t.equal(settingIn(text, 'vm.other'), null)
  t.equal(settingIn('net/ipv4/conf/eth0.100/rp_filter = 2', 'net.ipv4.conf.eth0/100.rp_filter'), '2')
  t.equal(settingIn('net.ipv4.conf.eth0/100.rp_filter = 3', 'net.ipv4.conf.eth0/100.rp_filter'), '3')
})

t.test('what the kernel changes along with a setting is settled before it', async (t) => {
  t.same(related('net.ipv4.conf.all.accept_redirects'), ['net.ipv4.ip_forward'])
  t.same(related('net.ipv6.conf.eth0.disable_ipv6'), [
    'net.ipv6.conf.all.disable_ipv6',
    'net.ipv6.conf.default.disable_ipv6',
  ])
  t.same(related('vm.dirty_background_ratio'), ['vm.dirty_background_bytes'])
  t.same(related('vm.dirty_bytes'), [])
  t.same(related(NAME), [])
  t.same(sysctl.requires?.('vm.dirty_ratio', parse(sysctl.props, { value: 5 })), ['sysctl:vm.dirty_bytes'])
  const watched = (props: object) => sysctl.watches?.(NAME, parse(sysctl.props, props))
  t.same(watched({ value: 5 }), [{ path: FILE }, { path: pathOf(NAME) }])
  t.same(watched({ value: 5, live: false }), [{ path: FILE }])
  t.same(watched({ absent: true }), [{ path: FILE }])
})

t.test('contract', async (t) => contract(t, sysctl, NAME, { value: 1 }, there))
