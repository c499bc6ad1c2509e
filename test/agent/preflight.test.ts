import t from 'tap'
import { preflight } from '../../agent/preflight.ts'
import { command, type Key, type Step } from '../../lib/state.ts'
import { fakeHost } from '../helpers/fake-host.ts'

const { host, put } = fakeHost()
const strange = { ...host, user: async () => null, group: async () => null }
const never = () => false
const write: Step = {
  ...{ do: 'write', path: '/etc/x', content: { text: '' }, mode: null, owner: 'app', group: null },
  ...{ validate: null, backup: null },
}
const useradd: Step = { ...command(['useradd', '--', 'app'], 1000, []), wants: ['group:staff'] }
const wanting: Step = { ...write, owner: null, wants: ['user:app'] }

t.test('an owner or a group that nobody makes is refused, and one that is planned is not', async (t) => {
  await t.rejects(preflight([write], strange, never), {
    code: 'not-found',
    message: 'user "app" is unknown on this host',
  })
  await t.rejects(preflight([useradd], strange, never), {
    message: 'group "staff" is unknown on this host',
    hint: 'declare group:staff before it',
  })
  await t.rejects(preflight([wanting], strange, never), {
    code: 'not-found',
    hint: 'declare user:app before it',
  })
  const planned = (key: Key) => key === 'user:app' || key === 'group:staff'
  await preflight([write, useradd], strange, planned)
})

t.test('a number needs no account', async () => {
  await preflight([{ ...write, owner: '1234' }], strange, never)
})

t.test('a parent is a directory that is there, is planned, or is made by a step before', async (t) => {
  const inside: Step = { ...write, path: '/srv/a/x', owner: null }
  await t.rejects(preflight([inside], host, never), { message: 'directory /srv/a is not there' })
  await preflight([inside], host, (key) => key === 'file:/srv/a')
  put('/srv/a')
  await t.rejects(preflight([inside], host, never), {
    code: 'conflict',
    message: '/srv/a is no directory but a file',
  })
  const made: Step = { do: 'mkdir', path: '/etc/a', mode: '0755', owner: 'root', group: 'root' }
  await preflight([made, { ...inside, path: '/etc/a/x' }], host, never)
})
