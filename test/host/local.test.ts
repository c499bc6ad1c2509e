import t from 'tap'
import { bedReason, diffSnapshots, type Host, openBed } from '../bed/bed.ts'

const skip = bedReason() ?? false

const ROLE = `
resources:
  - unit: web.service
    content: |
      [Service]
      ExecStart=/bin/sleep infinity
      [Install]
      WantedBy=multi-user.target
  - file: /etc/web.conf
    content: "host: {{ host.name }}\\n"
    restarts: service:web.service
  - service: web.service
`
const SITE = {
  'drover.yaml': 'name: demo\n',
  'hosts.yaml': 'hosts:\n  web1: { roles: [web] }\n',
  'roles/web/role.yaml': ROLE,
}
const STATE = '/var/lib/drover'

t.test('drover local on a real host', { skip, timeout: 300_000 }, async (t) => {
  const bed = await openBed(t)
  const host = await bed.host({ name: 'web1' })
  for (const [path, text] of Object.entries(SITE)) await host.write(`/srv/site/${path}`, text)
  const drover = (...words: string[]) => host.exec(['drover', 'local', ...words])

  let fingerprint = ''
  await t.test('a plan leaves the host as it is, byte for byte', async (t) => {
    const before = await host.snapshot()
    const { code, stdout, stderr } = await drover('plan', '/srv/site')
    t.equal(code, 2)
    t.equal(stderr, '')
    t.match(stdout, /\+ unit:web\.service/)
    t.match(stdout, /~ service:web\.service|\? service:web\.service/)
    t.same(diffSnapshots(before, await host.snapshot()), [])
    fingerprint = fingerprintIn(stdout)
  })

  await t.test('its fingerprint applies it', async (t) => {
    const { code, stdout } = await drover('apply', '/srv/site', '--plan', fingerprint)
    t.equal(code, 0, stdout)
    t.equal(await host.read('/etc/web.conf'), 'host: web1\n')
    t.equal((await host.must(['systemctl', 'is-active', 'web.service'])).trim(), 'active')
    t.match(await host.must(['stat', '--format=%a', STATE]), '700')
  })

  await t.test('then nothing is to do, and a plan says so with 0', async (t) => {
    t.match(await drover('plan', '/srv/site'), { code: 0, stdout: /Plan: nothing to do; 3 in order/ })
    t.match(await drover('apply', '/srv/site', '--yes'), { code: 0, stdout: /nothing was to do; 3 in order/ })
  })

  await t.test('drift is shown with the restart that it brings, and mended once', async (t) => {
    await host.write('/etc/web.conf', 'by hand\n')
    const before = await invocation(host)
    const { stdout } = await drover('plan', '/srv/site', '--host', 'web1')
    t.match(stdout, '-by hand\n      +host: web1\n')
    t.match(stdout, 'restart, since file:/etc/web.conf changes\n    $ systemctl restart -- web.service\n')
    t.equal(await invocation(host), before)
    const { code } = await drover('apply', '/srv/site', '--host', 'web1', '--plan', fingerprintIn(stdout))
    t.equal(code, 0)
    t.not(await invocation(host), before)
  })

  await t.test('a plan that was overtaken is refused, and the host is left alone', async (t) => {
    await host.write('/etc/web.conf', 'one hand\n')
    const { stdout } = await drover('plan', '/srv/site')
    await host.write('/etc/web.conf', 'another hand\n')
    await host.must(['chmod', '0600', '/etc/web.conf'])
    const before = await invocation(host)
    const { code, stderr } = await drover('apply', '/srv/site', '--plan', fingerprintIn(stdout))
    t.equal(code, 1)
    t.match(stderr, 'due otherwise than the plan says: file:/etc/web.conf')
    t.equal(await host.read('/etc/web.conf'), 'another hand\n')
    t.equal(await invocation(host), before)
  })
})

const fingerprintIn = (stdout: string) => /--plan (\S+)$/m.exec(stdout)?.[1] ?? ''

const invocation = async (host: Host) =>
  (await host.must(['systemctl', 'show', '--property=InvocationID', '--value', 'web.service'])).trim()
