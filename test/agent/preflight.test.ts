import t from 'tap'
import { preflight } from '../../agent/preflight.ts'
import type { Key } from '../../lib/host.ts'
import { command, type Step } from '../../lib/step.ts'
import { fakeHost } from '../helpers/fake-host.ts'

const { host, put } = fakeHost()
const strange = { ...host, user: async () => null, group: async () => null }
const never = () => false
const nothing = () => undefined
const write: Step = {
  ...{ do: 'write', path: '/etc/x', content: { text: '' }, mode: null, owner: 'app', group: null },
  ...{ validate: null, backup: null },
}
const useradd: Step = { ...command(['useradd', '--', 'app'], 1000, []), wants: ['group:staff'] }
const wanting: Step = { ...write, owner: null, wants: ['user:app'] }

t.test('an owner or a group that nobody makes is refused, and one that is planned is not', async (t) => {
  await t.rejects(preflight([write], strange, never, nothing), {
    code: 'not-found',
    message: 'user "app" is unknown on this host',
  })
  await t.rejects(preflight([useradd], strange, never, nothing), {
    message: 'group "staff" is unknown on this host',
    hint: 'declare group:staff before it',
  })
  await t.rejects(preflight([wanting], strange, never, nothing), {
    code: 'not-found',
    hint: 'declare user:app before it',
  })
  const planned = (key: Key) => key === 'user:app' || key === 'group:staff'
  await preflight([write, useradd], strange, planned, nothing)
})

t.test('a number needs no account', async () => {
  await preflight([{ ...write, owner: '1234' }], strange, never, nothing)
})

t.test('a parent is a directory that is there, is planned, or is made by a step before', async (t) => {
  const inside: Step = { ...write, path: '/srv/a/x', owner: null }
  await t.rejects(preflight([inside], host, never, nothing), { message: 'directory /srv/a is not there' })
  await preflight([inside], host, (key) => key === 'file:/srv/a', nothing)
  put('/srv/a')
  await t.rejects(preflight([inside], host, never, nothing), {
    code: 'conflict',
    message: '/srv/a is no directory but a file',
  })
  const made: Step = { do: 'mkdir', path: '/etc/a', mode: '0755', owner: 'root', group: 'root' }
  await preflight([made, { ...inside, path: '/etc/a/x' }], host, never, nothing)
})

t.test('a parent behind a link is looked at where the link leads', async (t) => {
  const { host, put, files } = fakeHost()
  const inside: Step = { ...write, path: '/srv/l/x', owner: null }
  const leads = (target: string) => {
    put('/srv/l')
    const entry = files.get('/srv/l')
    if (entry) files.set('/srv/l', { ...entry, stat: { ...entry.stat, kind: 'link', target } })
  }
  leads('/etc')
  await preflight([inside], host, never, nothing)
  leads('nowhere')
  await t.rejects(preflight([inside], host, never, nothing), {
    message: 'directory /srv/nowhere is not there',
  })
  leads('l')
  await t.rejects(preflight([inside], host, never, nothing), { code: 'conflict' }, 'a link to itself ends')
})

t.test('a directory that holds something is not shown as removed', async (t) => {
  const { host, put, files } = fakeHost()
  put('/srv/d')
  const entry = files.get('/srv/d')
  if (entry) files.set('/srv/d', { ...entry, stat: { ...entry.stat, kind: 'directory' } })
  put('/srv/d/x')
  const removes = (path: string, recursive = false): Step => ({ do: 'remove', path, recursive })
  await t.rejects(preflight([removes('/srv/d')], host, never, nothing), {
    code: 'conflict',
    message: 'directory /srv/d is not empty',
  })
  await preflight([removes('/srv/d', true)], host, never, nothing)
  await preflight([removes('/srv/d/x'), removes('/srv/d')], host, never, nothing)
  await preflight([removes('/srv/d')], host, (key) => key === 'file:/srv/d/*', nothing)
})

t.test('it tells what accounts are counted on', async (t) => {
  const counted: string[] = []
  const known = { ...host, user: async () => ({}) as never, group: async () => ({}) as never }
  await preflight([{ ...write, group: 'staff' }], known, never, (key) => counted.push(key))
  t.same(counted, ['uid-of:app', 'gid-of:staff'])
})

t.test('what the file engine will refuse is refused in advance', async (t) => {
  const { host, put, files } = fakeHost()
  const make = (path: string, stat: object) => {
    put(path)
    const entry = files.get(path)
    if (entry) files.set(path, { ...entry, stat: { ...entry.stat, ...stat } })
  }
  make('/srv', { kind: 'directory' })
  make('/srv/open', { kind: 'directory', mode: '0777' })
  make('/srv/open/d', { kind: 'directory' })
  make('/srv/tmp', { kind: 'directory', mode: '1777' })
  make('/srv/hers', { kind: 'link', owner: 'eve', target: 'tmp' })
  make('/srv/two', { links: 2 })
  make('/etc/passwd', {})
  make('/', { kind: 'directory' })
  make('/bin', { kind: 'link', target: 'usr/bin' })
  const cases: [Step, string | null][] = [
    [
      { ...write, owner: null, path: '/srv/open/d/x' },
      '/srv/open is a directory in which anybody may rename files',
    ],
    [{ ...write, owner: null, path: '/srv/hers/x' }, '/srv/hers is a link that others than root can change'],
    [{ do: 'chmod', path: '/srv/two', mode: '0600' }, '/srv/two has 2 hard links'],
    [{ do: 'remove', path: '/etc', recursive: true }, '/etc is removed by nobody'],
    [{ do: 'remove', path: '/bin', recursive: false }, '/bin is removed by nobody'],
    [{ do: 'link', path: '/bin', target: 'x' }, '/bin is removed by nobody'],
    [{ ...write, owner: null, path: '/bin' }, '/bin is removed by nobody'],
    [{ ...write, owner: null, path: '/etc/passwd' }, null],
    [{ ...write, owner: null, path: '/srv/tmp/x' }, null],
    [{ ...write, owner: null, path: '/srv/two' }, null],
  ]
  for (const [step, reason] of cases) {
    const done = preflight([step], host, never, nothing)
    if (reason === null) await t.resolves(done)
    else await t.rejects(done, { code: 'denied', message: new RegExp(`^${reason}`) })
  }
})

t.test('a drop-in that is verified needs its unit: there, planned as a file, or still to come', async (t) => {
  const { host, put, addUnit } = fakeHost()
  const dropIn = (name: string): Step => ({ ...write, owner: null, wants: [`unit:${name}`] })
  await t.rejects(preflight([dropIn('a:b.service')], host, never, nothing), {
    code: 'not-found',
    message: 'unit a:b.service is not there',
  })
  await preflight([dropIn('a:b.service')], host, (key) => key === 'unit:a:b.service', nothing)
  addUnit('a:b.service', true)
  await preflight([dropIn('a:b.service')], host, never, nothing)
  await t.rejects(preflight([dropIn('app@.service')], host, never, nothing), { code: 'not-found' })
  put('/lib/systemd/system/app@.service')
  await preflight([dropIn('app@.service')], host, never, nothing)
  put('/etc/systemd/system/b.service')
  await preflight([dropIn('b.service')], host, never, nothing)
})

t.test('a backup needs its directory as the file does', async (t) => {
  const step: Step = { ...write, owner: null, backup: '/var/kept/x' }
  await t.rejects(preflight([step], host, never, nothing), { message: 'directory /var/kept is not there' })
  await preflight([step], host, (key) => key === 'file:/var/kept', nothing)
})
