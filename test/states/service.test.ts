import t from 'tap'
import { parse, safeParse } from 'valibot'
import { plan } from '../../lib/plan.ts'
import { service } from '../../states/service.ts'
import { contract } from '../helpers/contract.ts'
import { fakeHost } from '../helpers/fake-host.ts'

const NAME = 'nginx.service'
const up = {
  running: true,
  enabled: true,
  masked: false,
  loaded: true,
  can_reload: true,
  static: false,
  invocation: 'a1',
  reloaded_at: '',
  job: '',
  found: true,
}
const down = { ...up, running: false }
const on = 'file:/etc/nginx/nginx.conf' as const
const restart = [{ reaction: 'restart', on }] as const
const reload = [{ reaction: 'reload', on }] as const

const cases = [
  { when: 'as declared', reading: up, runs: [] },
  { when: 'stopped', reading: down, runs: ['start'] },
  { when: 'stopped and not enabled', reading: { ...down, enabled: false }, runs: ['enable', 'start'] },
  { when: 'running but declared stopped', declared: { running: false }, reading: up, runs: ['stop'] },
  { when: 'running and its file changes', reading: up, triggers: restart, runs: ['restart'] },
  { when: 'stopped and its file changes', reading: down, triggers: restart, runs: ['start'] },
  {
    when: 'declared stopped and its file changes',
    declared: { running: false },
    reading: down,
    triggers: restart,
    runs: [],
  },
  { when: 'it can reload and is to reload', reading: up, triggers: reload, runs: ['reload'] },
  {
    when: "it can't reload and is to reload",
    reading: { ...up, can_reload: false },
    triggers: reload,
    runs: ['restart'],
  },
  {
    when: 'it is to restart and to reload',
    reading: up,
    triggers: [...restart, ...reload],
    runs: ['restart'],
  },
  {
    when: 'its files are newer than what systemd knows',
    reading: { ...up, loaded: false },
    runs: ['daemon-reload'],
  },
  {
    when: 'masked',
    reading: { ...down, masked: true, enabled: false },
    runs: ['unmask', 'daemon-reload', 'enable', 'start'],
  },
  { when: 'to be masked', declared: { masked: true }, reading: up, runs: ['stop', 'mask'] },
  {
    when: 'running is not managed and its file changes',
    declared: { running: null },
    reading: up,
    triggers: restart,
    runs: ['restart'],
  },
  {
    when: 'stopped, running is not managed and its file changes',
    declared: { running: null },
    reading: down,
    triggers: restart,
    runs: [],
  },
]

for (const { when, declared = {}, reading, triggers = [], runs } of cases) {
  t.test(`${when}: ${runs.join(', ') || 'nothing'}`, async (t) => {
    const { steps } = plan(service, NAME, parse(service.props, declared), reading, triggers)
    const verbs = steps.map((step) => (step.do === 'run' ? step.pipe[0][1] : step.do))
    t.same(verbs, runs)
  })
}

t.test('a unit that is not there is refused with what to do', async (t) => {
  const missing = { ...down, found: false, enabled: false }
  t.throws(() => plan(service, NAME, parse(service.props, {}), missing), {
    code: 'not-found',
    message: /nginx\.service is not there/,
  })
})

t.test('a template is no unit that runs', async (t) => {
  for (const name of ['app@.service', '@1.service']) t.notOk(safeParse(service.name, name).success, name)
  for (const name of ['app@1.service', 'app.timer']) t.ok(safeParse(service.name, name).success, name)
})

t.test('of a masked unit systemd has nothing to read', async (t) => {
  const { host, units } = fakeHost()
  units.set(NAME, new Map([['NeedDaemonReload', 'yes']]))
  const props = parse(service.props, {})
  t.match(await service.read(NAME, props, host), { masked: false, loaded: false })
  units.get(NAME)?.set('LoadState', 'masked')
  t.match(await service.read(NAME, props, host), { masked: true, loaded: true })
})

t.test('it comes after its unit, the drop-ins of that, its template and its package', async (t) => {
  const requires = (name: string) => service.requires?.(name, parse(service.props, {}))
  t.same(requires(NAME), ['unit:nginx.service', 'unit:nginx.service.d/*', 'package:nginx'])
  t.same(requires('app@1.service'), [
    'unit:app@1.service',
    'unit:app@1.service.d/*',
    'unit:app@.service',
    'unit:app@.service.d/*',
    'package:app',
  ])
})

t.test('contract', async (t) => contract(t, service, NAME, {}, up))
