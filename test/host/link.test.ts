import { hostTest } from './harness.ts'

hostTest('link', {
  role: `
description: Links.
resources:
  - directory: /srv/app/v2
  - directory: /srv/app
  - link: /srv/app/current
    to: v2
  - link: /srv/app/dangling
    to: /none
  - link: /srv/app/forced
    to: v2
    force: true
  - link: /srv/app/old
    absent: true
`,
  before: async (host) => {
    await host.write('/srv/app/forced/file', 'it may go\n')
    await host.write('/srv/elsewhere', 'untouched\n')
    await host.must(['ln', '-s', '/srv/elsewhere', '/srv/app/old'])
  },
  look: async (host, t) => {
    t.equal(await host.must(['readlink', '/srv/app/current']), 'v2\n')
    t.equal(await host.must(['realpath', '/srv/app/forced']), '/srv/app/v2\n')
    t.equal(await host.must(['readlink', '/srv/app/dangling']), '/none\n')
    t.equal(await host.must(['find', '/srv/app', '-name', 'old']), '')
    t.equal(await host.read('/srv/elsewhere'), 'untouched\n')
  },
  hurts: [
    {
      id: 'link:/srv/app/current',
      field: 'target',
      hurt: (host) => host.must(['ln', '-sfn', 'v1', '/srv/app/current']),
    },
    { id: 'link:/srv/app/dangling', field: 'exists', hurt: (host) => host.hurt.remove('/srv/app/dangling') },
    {
      id: 'link:/srv/app/old',
      field: 'exists',
      hurt: (host) => host.must(['ln', '-s', 'v2', '/srv/app/old']),
    },
  ],
  after: async ({ host, apply }, t) => {
    await host.hurt.remove('/srv/app/current')
    await host.write('/srv/app/current', 'by hand\n')
    const failed = (await apply()).outcomes.find(({ id }) => id === 'link:/srv/app/current')
    t.match(failed, { status: 'failed', code: 'conflict', hint: /force: true/ })
    t.equal(await host.read('/srv/app/current'), 'by hand\n')
  },
})
