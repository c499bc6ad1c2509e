import type { Test } from 'tap'
import type { Host } from '../bed/bed.ts'
import { type Drive, hostTest, matches, settled } from './harness.ts'

const unit = (start: string, more = '') => `[Service]
ExecStart=${start}
${more}
[Install]
WantedBy=multi-user.target
`

const property = async (host: Host, name: string, wanted: string) =>
  (await host.must(['systemctl', 'show', '--property', wanted, '--value', '--', name])).trim()

const isActive = async (host: Host, name: string) =>
  (await host.exec(['systemctl', 'is-active', name])).stdout.trim()
const isEnabled = async (host: Host, name: string) =>
  (await host.exec(['systemctl', 'is-enabled', name])).stdout.trim()

hostTest('service', {
  role: `
description: Services of all kinds.
resources:
  - service: web.service
  - service: stopped.service
    running: false
    enabled: false
  - service: masked.service
    masked: true
  - service: unmanaged.service
    running: null
    enabled: false
    masked: null
  - service: static.service
  - service: echo.socket
  - service: worker@7.service
`,
  before: async (host) => {
    const folder = '/etc/systemd/system'
    await host.write(`${folder}/web.service`, unit('/bin/sleep infinity', 'ExecReload=/bin/true'))
    for (const name of ['stopped', 'unmanaged', 'worker@'])
      await host.write(`${folder}/${name}.service`, unit('/bin/sleep infinity'))
    // A mask is a link in /etc, so that what is to be masked has to be elsewhere.
    await host.write('/usr/lib/systemd/system/masked.service', unit('/bin/sleep infinity'))
    await host.write(`${folder}/static.service`, '[Service]\nExecStart=/bin/sleep infinity\n')
    await host.write(
      `${folder}/echo.socket`,
      '[Socket]\nListenStream=/run/echo\n[Install]\nWantedBy=sockets.target\n',
    )
    await host.write(`${folder}/echo.service`, unit('/bin/sleep infinity'))
    await host.must(['systemctl', 'daemon-reload'])
    await host.must([
      'systemctl',
      'enable',
      '--now',
      '--quiet',
      'stopped.service',
      'masked.service',
      'unmanaged.service',
    ])
  },
  look: async (host, t) => {
    for (const name of [
      'web.service',
      'static.service',
      'echo.socket',
      'worker@7.service',
      'unmanaged.service',
    ])
      t.equal(await isActive(host, name), 'active', name)
    for (const name of ['web.service', 'echo.socket', 'worker@7.service'])
      t.equal(await isEnabled(host, name), 'enabled', name)
    t.equal(await isActive(host, 'stopped.service'), 'inactive')
    t.equal(await isEnabled(host, 'stopped.service'), 'disabled')
    t.equal(await isEnabled(host, 'masked.service'), 'masked')
    t.equal(await isActive(host, 'masked.service'), 'inactive')
    t.equal(await isEnabled(host, 'unmanaged.service'), 'disabled')
  },
  hurts: [
    {
      id: 'service:web.service',
      field: 'running',
      hurt: (host) => host.hurt.stopUnit('web.service'),
      look: async (host, t) => t.equal(await isActive(host, 'web.service'), 'active'),
    },
    {
      id: 'service:web.service',
      field: 'enabled',
      hurt: (host) => host.hurt.disableUnit('web.service'),
      look: async (host, t) => t.equal(await isEnabled(host, 'web.service'), 'enabled'),
    },
    {
      id: 'service:web.service',
      field: 'loaded',
      hurt: (host) => host.must(['touch', '/etc/systemd/system/web.service']),
      look: async (host, t) => t.equal(await property(host, 'web.service', 'NeedDaemonReload'), 'no'),
    },
    {
      id: 'service:stopped.service',
      field: 'running',
      hurt: (host) => host.must(['systemctl', 'start', 'stopped.service']),
      look: async (host, t) => t.equal(await isActive(host, 'stopped.service'), 'inactive'),
    },
    {
      id: 'service:stopped.service',
      field: 'enabled',
      hurt: (host) => host.must(['systemctl', 'enable', '--quiet', 'stopped.service']),
      look: async (host, t) => t.equal(await isEnabled(host, 'stopped.service'), 'disabled'),
    },
    {
      id: 'service:masked.service',
      field: 'masked',
      hurt: (host) => host.must(['systemctl', 'unmask', '--quiet', 'masked.service']),
      look: async (host, t) => t.not((await host.exec(['systemctl', 'start', 'masked.service'])).code, 0),
    },
    {
      id: 'service:static.service',
      field: 'running',
      hurt: (host) =>
        host
          .must(['systemctl', 'kill', '--signal=KILL', 'static.service'])
          .then(() => host.must(['systemctl', 'reset-failed'])),
      look: async (host, t) => t.equal(await isActive(host, 'static.service'), 'active'),
    },
    {
      id: 'service:echo.socket',
      field: 'running',
      hurt: (host) => host.hurt.stopUnit('echo.socket'),
      look: async (host, t) => t.match(await host.must(['ss', '-lx']), /\/run\/echo/),
    },
    {
      id: 'service:worker@7.service',
      field: 'enabled',
      hurt: (host) => host.hurt.disableUnit('worker@7.service'),
      look: async (host, t) => t.equal(await isEnabled(host, 'worker@7.service'), 'enabled'),
    },
  ],
  after: async (drive, t) => {
    await t.test('a restart and a reload are done when they are due, and once', (t) => reactions(drive, t))
    await t.test('what was masked by hand is unmasked, enabled and started', (t) => unmasked(drive, t))
    await t.test("what can't be started says so", (t) => refused(drive, t))
  },
})

async function reactions({ host, role, check, apply }: Drive, t: Test): Promise<void> {
  const declared = (restart: string, reload: string) => `
description: A service with files.
resources:
  - file: /srv/restart
    content: "${restart}"
  - file: /srv/reload
    content: "${reload}"
  - service: web.service
    restart_on: file:/srv/restart
    reload_on: file:/srv/reload
  - service: static.service
    reload_on: file:/srv/reload
`
  const started = () => property(host, 'web.service', 'InvocationID')
  const act = async (restart: string, reload: string) => {
    await role(declared(restart, reload))
    const shown = await check()
    matches(t, shown, await apply())
    settled(t, await apply())
    return shown.outcomes.flatMap((one) =>
      one.status === 'planned'
        ? one.steps.flatMap((step) => (step.do === 'run' ? [step.pipe[0].join(' ')] : []))
        : [],
    )
  }
  const first = await started()
  t.same(await act('1', '1'), ['systemctl restart -- web.service', 'systemctl restart -- static.service'])
  const second = await started()
  t.not(second, first)
  t.same(await act('1', '2'), ['systemctl reload -- web.service', 'systemctl restart -- static.service'])
  t.equal(await started(), second, 'a reload is no restart')
  t.match(await property(host, 'web.service', 'ExecReload'), /code=exited ; status=0/)
  await host.must(['systemctl', 'stop', 'web.service'])
  t.same(await act('2', '2'), ['systemctl start -- web.service'], 'a start has read everything')
}

async function unmasked({ host, role, check, apply }: Drive, t: Test): Promise<void> {
  await role(`
description: A service that was masked.
resources:
  - service: masked.service
`)
  matches(t, await check(), await apply())
  settled(t, await check())
  t.equal(await isActive(host, 'masked.service'), 'active')
  t.equal(await isEnabled(host, 'masked.service'), 'enabled')
}

async function refused({ host, role, check, apply }: Drive, t: Test): Promise<void> {
  await host.write('/etc/systemd/system/broken.service', unit('/bin/false', 'Type=oneshot'))
  await host.must(['systemctl', 'daemon-reload'])
  await role(`
description: Services that can't run.
resources:
  - service: nothing.service
  - service: broken.service
  - service: absent.service
    running: false
    enabled: false
`)
  t.match((await check()).outcomes, [
    { status: 'failed', code: 'not-found', reason: 'unit nothing.service is not there' },
    { status: 'planned' },
    { status: 'settled' },
  ])
  t.match((await apply()).outcomes[1], {
    status: 'failed',
    reason: /"systemctl start -- broken.service" exited 1/,
    left: [{ field: 'running' }],
  })
}
