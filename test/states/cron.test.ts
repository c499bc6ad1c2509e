import t from 'tap'
import { parse, safeParse } from 'valibot'
import { parseCron, renderCron, scheduleProblem } from '../../lib/cron.ts'
import { plan } from '../../lib/plan.ts'
import { cron } from '../../states/cron.ts'
import { contract } from '../helpers/contract.ts'
import { settle } from '../helpers/settle.ts'

const PATH = '/etc/cron.d/job'
const declared = { schedule: '17 *  * * *', command: 'date +%F' }
const job = '17 * * * * root date +\\%F\n'
const HEAD = '# Kept by drover: what is changed here by hand does not stay.\n'

const schedules = {
  good: [
    '* * * * *',
    '*/5 8-18 * * mon-fri',
    '0,30 1,2 1-15/2 jan,Feb *',
    '0 0 29 2 *',
    '0 0 31 1 *',
    '0 0 30 2 mon',
    '@daily',
    '@reboot',
    '  0   4 * *   7 ',
  ],
  bad: [
    '',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
    '5-1 * * * *',
    '*/0 * * * *',
    '*/60 * * * *',
    '5/10 * * * *',
    '*-5 * * * *',
    'mon * * * *',
    '* * * mon *',
    '1,,2 * * * *',
    '-1 * * * *',
    '* * * * sunday',
    '0 0 30 2 *',
    '0 0 31 apr,jun *',
    '@never',
    '@daily x',
    '%a * * * *',
  ],
}
for (const schedule of schedules.good)
  t.test(`schedule "${schedule}" is taken`, async (t) => t.equal(scheduleProblem(schedule), null))
for (const schedule of schedules.bad)
  t.test(`schedule "${schedule}" is refused: ${scheduleProblem(schedule)}`, async (t) =>
    t.type(scheduleProblem(schedule), 'string'),
  )

const cases = [
  { when: 'it is there', is: job, does: [] },
  { when: 'it is not there', is: null, does: ['write'] },
  { when: 'its schedule differs', is: job.replace('17', '18'), does: ['write'] },
  { when: 'its user differs', is: job.replace('root', 'bin'), does: ['write'] },
  { when: 'its command differs', is: job.replace('date', 'true'), does: ['write'] },
  { when: 'its % is not escaped', is: job.replace('\\', ''), does: ['write'] },
  { when: 'a variable is too many', is: `A=b\n${job}`, does: ['write'] },
  { when: 'a second job is there', is: job + job, does: ['write'] },
  { when: 'there is a comment', is: `# by hand\n${job}`, does: ['write'] },
  { when: 'it is disabled', is: `#disabled: ${job}`, does: ['write'] },
  { when: 'what is there is no job', is: 'what is this\n', does: ['write'] },
  { when: 'it is absent and there', is: job, more: { absent: true }, does: ['remove'] },
  { when: 'it is absent and not there', is: null, more: { absent: true }, does: [] },
]
for (const { when, is, more = {}, does } of cases) {
  t.test(`${when}: ${does.join() || 'nothing'}`, async (t) => {
    const files = is === null ? {} : { [PATH]: is }
    const { steps } = await settle(cron, 'job', { ...declared, ...more }, files)
    t.same(
      steps.map((step) => step.do),
      does,
    )
  })
}

t.test('the file is one job as cron reads it', async (t) => {
  const whole = {
    ...declared,
    user: 'app',
    stdin: 'one\n50%',
    env: { PATH: '/usr/bin', MAILTO: '', A: ' b' },
    comment: 'why',
    disabled: true,
  }
  const { steps, text } = await settle(cron, 'job', whole, {})
  t.match(steps, [{ do: 'write', path: PATH, mode: '0644', owner: 'root', group: 'root' }])
  const lines = ['# why', 'A=" b"', 'MAILTO=""', 'PATH=/usr/bin']
  const last = '#disabled: 17 * * * * app date +\\%F%one%50\\%\n'
  t.equal(text(PATH), `${HEAD}${lines.join('\n')}\n${last}`)
})

t.test('what is written reads back as it was', async (t) => {
  const whole = {
    schedule: '@daily',
    user: 'app',
    command: 'printf "%s\\\\n" a',
    stdin: '',
    env: { Q: '"', S: "'x", E: '' },
    comment: '# twice',
    disabled: false,
  }
  const { other, env, ...rest } = parseCron(renderCron(whole))
  t.same(other, [])
  t.same(env, ['E=""', `Q='"'`, `S="'x"`])
  t.match(rest, { schedule: '@daily', user: 'app', command: whole.command, stdin: '' })
})

const there = { kind: 'file', mode: '0644', owner: 'root', group: 'root' } as const
const reading = { ...parseCron(job), ...there }

t.test('its mode or owner alone are set without a new file', async (t) => {
  const props = parse(cron.props, declared)
  t.match(plan(cron, 'job', props, { ...reading, mode: '0666' }).steps, [{ do: 'chmod', mode: '0644' }])
  t.match(plan(cron, 'job', props, { ...reading, owner: 'app' }).steps, [{ do: 'chown' }, { do: 'chmod' }])
})

t.test('a link gives way, a directory has to be asked for', async (t) => {
  const props = parse(cron.props, declared)
  t.match(plan(cron, 'job', props, { ...reading, kind: 'link' }).steps, [{ do: 'write' }])
  t.throws(() => plan(cron, 'job', props, { ...reading, kind: 'directory' }), { code: 'conflict' })
  const forced = parse(cron.props, { ...declared, force: true })
  t.match(plan(cron, 'job', forced, { ...reading, kind: 'directory' }).steps, [
    { do: 'remove', recursive: true },
    { do: 'write' },
  ])
})

const mistakes = [
  {},
  { schedule: '@daily' },
  { command: 'true' },
  { ...declared, schedule: '61 * * * *' },
  { ...declared, command: 'date +\\%F' },
  { ...declared, command: 'a\nb' },
  { ...declared, command: ' a' },
  { ...declared, command: 'x'.repeat(999) },
  { ...declared, stdin: 'a\\%' },
  { ...declared, env: { 'A B': 'x' } },
  { ...declared, env: { LOGNAME: 'x' } },
  { ...declared, env: { A: `'"` } },
  { ...declared, env: { A: 'b\nc' } },
  { ...declared, env: { A: 'b ' } },
  { ...declared, mode: '0666' },
  { ...declared, comment: ' a' },
]
for (const mistake of mistakes)
  t.test(`lint refuses ${JSON.stringify(mistake).slice(0, 70)}`, async (t) =>
    t.notOk(safeParse(cron.props, mistake).success),
  )

t.test('a name that cron would ignore is refused', async (t) => {
  for (const name of ['a.b', 'a b', '', '../x', 'a~']) t.notOk(safeParse(cron.name, name).success, name)
  t.ok(safeParse(cron.name, 'fetch-events_2').success)
})

t.test('contract', async (t) => {
  contract(t, cron, 'job', declared, reading)
  const props = parse(cron.props, { ...declared, user: 'app' })
  const above = ['/etc', '/etc/cron.d'].flatMap((up) => [`directory:${up}`, `link:${up}`, `file:${up}`])
  t.same(cron.requires?.('job', props), [...above, 'package:cron', 'user:app'])
  t.same(cron.watches?.('job', props), [{ path: PATH }])
})
