import type { Host } from '../bed/bed.ts'
import { hostTest } from './harness.ts'

const UNITS = '/etc/systemd/system'
const show = async (host: Host, unit: string, property: string) =>
  (await host.must(['systemctl', 'show', `--property=${property}`, '--value', '--', unit])).trim()

hostTest('unit', {
  role: `
description: Units of our own, and changes to those of packages.
resources:
  - service: app.service
    restart_on: [unit:app.service, unit:app.service.d/nice.conf]
  - service: app@9.service
    enabled: null
  - unit: app.service
    content: |
      [Service]
      ExecStart=/usr/bin/sleep infinity
      [Install]
      WantedBy=multi-user.target
  - unit: app.service.d/limits.conf
    content: |
      [Service]
      LimitNOFILE=4321
    mode: "0600"
  - unit: app.service.d/nice.conf
    content: |
      [Service]
      Nice=5
  - unit: app@.service
    content: |
      [Service]
      ExecStart=/usr/bin/sleep %i000
  - unit: app.socket
    content: |
      [Socket]
      ListenStream=/run/app.sock
  - unit: app.timer
    content: |
      [Timer]
      OnCalendar=daily
  - unit: cron.service
    content: |
      [Unit]
      Description=ours
      [Service]
      ExecStart=/usr/sbin/cron -f
      [Install]
      WantedBy=multi-user.target
  - unit: old.service
    absent: true
  - unit: old.service.d/x.conf
    absent: true
`,
  before: async (host) => {
    await host.write(
      `${UNITS}/old.service`,
      '[Service]\nExecStart=/usr/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n',
    )
    await host.write(`${UNITS}/old.service.d/x.conf`, '[Service]\nNice=1\n')
    await host.must(['systemctl', 'enable', '--now', '-q', 'old.service'])
  },
  look: async (host, t) => {
    t.equal(await show(host, 'app.service', 'ActiveState'), 'active')
    t.equal(await show(host, 'app.service', 'LimitNOFILE'), '4321')
    t.equal(await show(host, 'app.service', 'Nice'), '5')
    t.equal(await show(host, 'app@9.service', 'ActiveState'), 'active')
    const limits = await host.must(['sh', '-c', 'cat /proc/$(systemctl show -P MainPID app.service)/limits'])
    t.match(limits, /Max open files\s+4321/, 'a service is started after its drop-ins')
    t.equal(await show(host, 'app@7.service', 'FragmentPath'), `${UNITS}/app@.service`)
    t.equal(await show(host, 'cron.service', 'Description'), 'ours', 'a packaged unit that runs gives way')
    t.equal(await show(host, 'cron.service', 'NeedDaemonReload'), 'no')
    t.equal(await host.must(['stat', '-c', '%a', `${UNITS}/app.service.d/limits.conf`]), '600\n')
    t.equal(await show(host, 'old.service', 'LoadState'), 'not-found')
    t.equal(await show(host, 'old.service', 'ActiveState'), 'inactive', 'nothing runs without a file')
    t.equal(await host.must(['find', UNITS, '-name', 'old*']), '', 'no link and no directory stays')
    t.equal(await host.must(['systemctl', 'list-units', '--failed', '--no-legend', '--plain']), '')
  },
  hurts: [
    {
      id: 'unit:app.service.d/limits.conf',
      field: 'mode',
      hurt: (host) => host.hurt.chmod(`${UNITS}/app.service.d/limits.conf`, '0644'),
    },
    {
      id: 'unit:app.timer',
      field: 'sha256',
      // What has been read by nobody is read when it is asked for, so systemd is up to date.
      hurt: (host) => host.hurt.append(`${UNITS}/app.timer`, 'Persistent=true\n'),
    },
    {
      id: 'unit:app@.service',
      field: 'mode',
      hurt: (host) => host.hurt.chmod(`${UNITS}/app@.service`, '0755'),
    },
    {
      id: 'unit:cron.service',
      field: 'owner',
      hurt: (host) => host.must(['chown', 'daemon', `${UNITS}/cron.service`]),
    },
    {
      id: 'unit:old.service',
      field: 'exists',
      hurt: (host) => host.write(`${UNITS}/old.service`, '[Service]\nExecStart=/bin/true\n'),
    },
  ],
  after: async ({ host, role, check, apply }, t) => {
    const one = (name: string, ...lines: string[]) =>
      `  - unit: ${name}\n    content: |\n${lines.map((line) => `      ${line}\n`).join('')}`
    const declare = (...resources: string[]) => role(`description: x\nresources:\n${resources.join('')}`)
    const app = await host.read(`${UNITS}/app.service`)

    await declare(one('app.service', '[Service]', 'ExecStart=/usr/bin/sleep infinity', 'Nonsense=1'))
    t.match((await apply()).outcomes[0], { status: 'failed', ended: { stderr: /Unknown key 'Nonsense'/ } })
    t.equal(await host.read(`${UNITS}/app.service`), app, 'a unit that systemd would warn about is refused')

    await declare(one('app.service.d/nice.conf', '[Service]', 'Nice=high'))
    t.match((await apply()).outcomes[0], { status: 'failed', ended: { stderr: /nice priority 'high'/ } })
    t.match(await host.read(`${UNITS}/app.service.d/nice.conf`), /Nice=5/, 'a drop-in comes back')

    await declare(one('nobody.service.d/nice.conf', '[Service]', 'Nice=5'))
    const unknown = { status: 'failed', reason: 'unit nobody.service is not there' }
    t.match((await check()).outcomes[0], unknown)
    t.match((await apply()).outcomes[0], unknown)
    t.equal(await host.must(['find', UNITS, '-name', 'nobody*']), '')
    const nobody = one('nobody.service', '[Service]', 'ExecStart=/usr/bin/sleep infinity')
    await declare(one('nobody.service.d/nice.conf', '[Service]', 'Nice=5'), nobody)
    t.match((await check()).outcomes, [{ status: 'planned' }, { status: 'planned', unknown: null }])
    t.match((await apply()).outcomes, [{ status: 'changed' }, { status: 'changed' }])

    await declare(one('late.service', '[Service]', 'ExecStart=/opt/late'))
    t.match((await apply()).outcomes[0], { status: 'failed', ended: { stderr: /\/opt\/late is not exec/ } })
    await declare(`${one('late.service', '[Service]', 'ExecStart=/opt/late')}    verify: false\n`)
    t.match((await apply()).outcomes[0], { status: 'changed' })

    const pid = await show(host, 'app.service', 'MainPID')
    await host.write(`${UNITS}/app.service.d/nice.conf`, '[Service]\nNice=6\n')
    await declare(one('app.service.d/nice.conf', '[Service]', 'Nice=6'))
    t.match((await check()).outcomes[0], { status: 'planned', changes: [{ field: 'loaded' }] })
    t.match((await apply()).outcomes[0], {
      status: 'changed',
      steps: [{ pipe: [['systemctl', 'daemon-reload']] }],
    })
    t.equal(await show(host, 'app.service', 'Nice'), '6')
    t.equal(await show(host, 'app.service', 'MainPID'), pid, 'what runs is not restarted by itself')

    await declare('  - unit: cron.service\n    absent: true\n')
    t.match((await apply()).outcomes[0], { status: 'changed' })
    t.equal(await show(host, 'cron.service', 'FragmentPath'), '/lib/systemd/system/cron.service')
    t.equal(await show(host, 'cron.service', 'ActiveState'), 'active', 'the packaged one is back and runs on')

    await host.hurt.remove(`${UNITS}/app.timer`)
    await host.must(['systemctl', 'daemon-reload'])
    await declare('  - unit: app.timer\n    absent: true\n')
    t.match((await check()).outcomes[0], { status: 'settled' })
  },
})
