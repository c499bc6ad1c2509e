import type { Host } from '../bed/bed.ts'
import { hostTest } from './harness.ts'

const UNITS = '/etc/systemd/system'
const show = async (host: Host, unit: string, property: string) =>
  (await host.must(['systemctl', 'show', `--property=${property}`, '--value', '--', unit])).trim()
const sleeper = (more = '') =>
  `[Service]\nExecStart=/usr/bin/sleep infinity\n${more}[Install]\nWantedBy=multi-user.target\n`

hostTest('service', {
  role: `
description: Services.
resources:
  - directory: /etc/app
  - file: /etc/app/conf
    content: one
  - service: app.service
    restart_on: file:/etc/app/conf
  - service: reloads.service
    reload_on: file:/etc/app/conf
  - service: idle.service
    running: false
    enabled: false
  - service: masked.service
    masked: true
  - service: loose.service
    running: null
    enabled: null
  - service: static.service
`,
  before: async (host) => {
    for (const name of ['app', 'idle', 'masked', 'loose'])
      await host.write(`/lib/systemd/system/${name}.service`, sleeper())
    await host.write(
      '/lib/systemd/system/reloads.service',
      sleeper('ExecReload=/usr/bin/touch /run/reloaded\n'),
    )
    await host.write('/lib/systemd/system/static.service', '[Service]\nExecStart=/usr/bin/sleep infinity\n')
    await host.must(['systemctl', 'enable', '--now', '-q', 'idle', 'masked', 'reloads'])
  },
  look: async (host, t) => {
    t.equal(await show(host, 'app.service', 'ActiveState'), 'active')
    t.equal(await show(host, 'app.service', 'UnitFileState'), 'enabled')
    t.equal(await show(host, 'idle.service', 'ActiveState'), 'inactive')
    t.equal(await show(host, 'idle.service', 'UnitFileState'), 'disabled')
    t.equal(await show(host, 'masked.service', 'LoadState'), 'masked')
    t.equal(await show(host, 'masked.service', 'ActiveState'), 'inactive')
    t.equal(await show(host, 'loose.service', 'ActiveState'), 'inactive')
    t.equal(await show(host, 'static.service', 'ActiveState'), 'active')
    await host.must(['test', '-e', '/run/reloaded'])
  },
  hurts: [
    { id: 'service:app.service', field: 'running', hurt: (host) => host.hurt.stopUnit('app.service') },
    { id: 'service:app.service', field: 'enabled', hurt: (host) => host.hurt.disableUnit('app.service') },
    {
      id: 'service:app.service',
      field: 'loaded',
      hurt: (host) => host.hurt.append('/lib/systemd/system/app.service', '# newer\n'),
    },
    {
      id: 'service:idle.service',
      field: 'running',
      hurt: (host) => host.must(['systemctl', 'start', 'idle.service']),
    },
    {
      id: 'service:idle.service',
      field: 'masked',
      hurt: (host) => host.must(['systemctl', 'mask', '-q', 'idle.service']),
    },
    {
      id: 'service:masked.service',
      field: 'masked',
      hurt: (host) => host.must(['systemctl', 'unmask', '-q', 'masked.service']),
    },
  ],
  after: async ({ host, role, check, apply }, t) => {
    const pid = () => show(host, 'app.service', 'MainPID')
    const reloader = await show(host, 'reloads.service', 'MainPID')
    const before = await pid()
    await host.must(['rm', '/run/reloaded'])
    await host.write('/etc/app/conf', 'two')
    const shown = await check()
    t.same(
      shown.outcomes.filter(({ status }) => status === 'planned').map(({ id }) => id),
      ['file:/etc/app/conf', 'service:app.service', 'service:reloads.service'],
    )
    await apply()
    t.not(await pid(), before, 'it restarts when its file changes')
    t.equal(await show(host, 'reloads.service', 'MainPID'), reloader, 'it reloads, and is not restarted')
    await host.must(['test', '-e', '/run/reloaded'])

    await role('description: x\nresources:\n  - service: none.service\n')
    t.match((await check()).outcomes[0], {
      status: 'failed',
      code: 'not-found',
      hint: /its package or its unit/,
    })

    await host.write(`${UNITS}/breaks.service`, '[Service]\nType=oneshot\nExecStart=/bin/false\n')
    await role('description: x\nresources:\n  - service: breaks.service\n    enabled: null\n')
    t.match((await apply()).outcomes[0], { status: 'failed', ended: { code: 1 } })
  },
})
