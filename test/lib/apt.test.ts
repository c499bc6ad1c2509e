import t from 'tap'
import { aptArguments, objection, protection, stepOf, surprises } from '../../lib/apt.ts'
import { parseTransaction, refusal, substitution } from '../../lib/apt-answer.ts'
import { compareVersions } from '../../lib/deb-version.ts'
import type { AptAction } from '../../lib/step.ts'

t.test('what the solver says it would do', async (t) => {
  const said = `Reading package lists...
The following packages will be REMOVED:
  exim4*
Remv exim4-base [4.96-15] [exim4-config:amd64 ]
Purg exim4 [4.96-15]
Inst libc6 [2.36-9+deb12u9] (2.36-9+deb12u10 Debian:12.15/oldstable [amd64]) [libc-bin:amd64 ]
Inst libfoo:i386 (1.0-1 Debian:12.15/oldstable [i386])
Inst nginx [1.26.0-1] (1.22.1-9 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64])
Inst torn [3-1] (3-1 Debian:12.15/oldstable [amd64])
Inst tool (1:2.0~rc1 localhost [all]) []
Conf libc6 (2.36-9+deb12u10 Debian:12.15/oldstable [amd64])
Conf broken (3.0 Debian:12.15/oldstable [amd64])
`
  t.same(parseTransaction(said), [
    { action: 'remove', name: 'exim4-base', from: '4.96-15', to: null },
    { action: 'purge', name: 'exim4', from: '4.96-15', to: null },
    { action: 'upgrade', name: 'libc6', from: '2.36-9+deb12u9', to: '2.36-9+deb12u10' },
    { action: 'install', name: 'libfoo:i386', from: null, to: '1.0-1' },
    { action: 'downgrade', name: 'nginx', from: '1.26.0-1', to: '1.22.1-9' },
    { action: 'install', name: 'torn', from: null, to: '3-1' },
    { action: 'install', name: 'tool', from: null, to: '1:2.0~rc1' },
    { action: 'configure', name: 'broken', from: null, to: '3.0' },
  ])
})

const ORDERED = [
  '1.0~~',
  '1.0~',
  '1.0~rc1',
  '1.0',
  '1.0-0.1',
  '1.0-1',
  '1.0-1+b1',
  '1.0-1.1',
  '1.0a',
  '1.0+b',
  '1.0.1',
]
const MORE = ['1.2', '1.10', '9', '10', '20240101120000000000001', '20240101120000000000002', '1:0.1']

t.test('versions compare as dpkg compares them', async (t) => {
  const all = [...ORDERED, ...MORE]
  for (const [i, lower] of all.entries())
    for (const [j, other] of all.entries())
      t.equal(Math.sign(compareVersions(lower, other)), Math.sign(i - j), `${lower} and ${other}`)
  t.equal(compareVersions('1.0', '1.0-0'), 0)
  t.equal(compareVersions('0:1.0', '1.0'), 0)
  t.equal(compareVersions('1.01', '1.1'), 0)
})

const STEP = {
  ...stepOf([]),
  install: ['nginx'],
  remove: ['apache2'],
  mayDowngrade: ['old'],
  unhold: ['pinned'],
}
const action = (one: AptAction['action'], name: string): AptAction => ({
  action: one,
  name,
  from: '2',
  to: '1',
})

const objections = [
  {
    to: 'an install and a removal that was declared',
    actions: [action('install', 'dep'), action('remove', 'apache2')],
  },
  {
    to: 'a removal that nobody declared',
    actions: [action('remove', 'postfix')],
    says: /remove postfix, which nobody/,
  },
  {
    to: 'a removal that is allowed',
    step: { mayRemove: ['postfix'] },
    actions: [action('purge', 'postfix')],
  },
  {
    to: 'the end of sshd',
    step: { mayRemove: ['openssh-server'] },
    actions: [action('remove', 'openssh-server')],
    says: /reached or mended/,
  },
  {
    to: 'the end of sshd when it is meant',
    step: { remove: ['openssh-server'], mayRemoveProtected: true },
    actions: [action('remove', 'openssh-server')],
  },
  { to: 'a downgrade', actions: [action('downgrade', 'new')], says: /downgrade new from 2 to 1/ },
  { to: 'a downgrade that is allowed', actions: [action('downgrade', 'old')] },
  {
    to: 'a change of what is held',
    actions: [action('upgrade', 'held')],
    says: /change held, which is held/,
  },
  { to: 'a change of what is let go', actions: [action('upgrade', 'pinned')] },
  { to: 'completing what is held', actions: [action('configure', 'held')] },
]
for (const { to, step = {}, actions, says } of objections) {
  t.test(`objection to ${to}: ${says ?? 'none'}`, async (t) => {
    const refused = objection({ ...STEP, ...step }, actions, new Set(['held', 'pinned']))
    if (says === undefined) t.equal(refused, null)
    else t.match(refused, { code: 'conflict', message: says })
  })
}

t.test('what a host cannot do without is refused before the solver is asked', async (t) => {
  t.match(protection({ ...STEP, purge: ['libc6'] }), { code: 'conflict' })
  t.equal(protection({ ...STEP, purge: ['libc6'], mayRemoveProtected: true }), null)
  t.equal(protection(STEP), null)
})

t.test('only what a plan did not show is a surprise', async (t) => {
  const shown = [action('install', 'a'), action('upgrade', 'b')]
  t.same(surprises(shown, [action('upgrade', 'b'), action('configure', 'c')]), [])
  t.same(surprises(shown, [...shown, action('install', 'd')]), [action('install', 'd')])
  t.same(surprises(shown, [{ ...action('install', 'a'), to: '9' }]), [{ ...action('install', 'a'), to: '9' }])
})

const ended = { stdout: '', stderr: '', code: 100, timedOut: false }
const VIRTUAL = `Package mta is a virtual package provided by:
  postfix 3.7.11
  dma 0.13-1+b1

`
const refusals = [
  {
    of: 'an unknown name',
    answer: { stderr: 'E: Unable to locate package nope\n' },
    is: { code: 'not-found', about: 'nope', message: 'unable to locate package nope' },
  },
  {
    of: 'an unknown version',
    answer: { stderr: "E: Version '9' for 'hello' was not found\n" },
    is: { code: 'not-found', about: 'hello' },
  },
  {
    of: 'an unknown release',
    answer: { stderr: "E: Release 'x' for 'hello' was not found\n" },
    is: { code: 'not-found', about: 'hello' },
  },
  {
    of: 'a virtual package',
    answer: { stdout: VIRTUAL, stderr: "E: Package 'mta' has no installation candidate\n" },
    is: { code: 'invalid', hint: /postfix, dma/ },
  },
  {
    of: 'an unknown version of a package that has providers too',
    answer: { stdout: VIRTUAL.replace('mta', 'hello'), stderr: "E: Version '9' for 'hello' was not found\n" },
    is: { code: 'not-found' },
  },
  {
    of: 'anything else',
    answer: {
      stderr: 'W: careful\nE: Unable to correct problems, you have held broken packages.\n',
      stdout: 'The following packages have unmet dependencies:\n a : Depends: b (>= 2)\n',
    },
    is: { code: 'conflict', message: /held broken packages\.\n a : Depends: b/ },
  },
  { of: 'a solver that never ends', answer: { timedOut: true }, is: { code: 'timeout' } },
]
for (const { of, answer, is } of refusals)
  t.test(`refusal of ${of}`, async (t) => t.match(refusal({ ...ended, ...answer }), is))

t.test('a provider in place of a virtual package is refused', async (t) => {
  t.match(substitution("Note, selecting 'exim4' instead of 'mta'\n"), { code: 'invalid', hint: /exim4/ })
  t.equal(substitution('Reading package lists...\n'), null)
})

t.test('names stand behind "--", and removals behind what is installed', async (t) => {
  const of = (step: object) => aptArguments({ ...stepOf([]), ...step })
  const after = (args: string[]) => args.slice(args.indexOf('--') - 1)
  t.same(after(of({ install: ['a', 'b=1'], remove: ['c'] })), ['install', '--', 'a', 'b=1', 'c-'])
  t.same(after(of({ purge: ['c', 'd'] })), ['remove', '--', 'c', 'd'])
  t.ok(of({ purge: ['c'] }).includes('--purge'))
  t.notOk(of({ remove: ['c'] }).includes('--purge'))
  t.match(of({ remove: ['c'] }).join(' '), /--force-remove-reinstreq/, 'what is half unpacked can go')
  t.notMatch(of({ install: ['c'] }).join(' '), /--force-remove-reinstreq/)
  t.ok(of({ install: ['a'], recommends: false }).includes('--no-install-recommends'))
  t.ok(of({ install: ['a'], recommends: true }).includes('--install-recommends'))
  t.ok(of({ install: ['a'], mayDowngrade: ['a'] }).includes('--allow-downgrades'))
  t.notOk(
    of({ install: ['a'] })
      .join(' ')
      .match(/force-yes|allow-unauth|allow-remove-essential|recommends|downgrades/),
  )
})
