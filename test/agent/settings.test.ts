import t from 'tap'
import { readAgentSettings } from '../../agent/settings.ts'

t.test('settings are few, and each is checked', async (t) => {
  t.same(readAgentSettings(null), {})
  t.same(
    readAgentSettings({ state: '/srv/drover', servers: ['master.example:7440', '[2001:db8::1]:7440'] }),
    {
      stateDir: '/srv/drover',
      servers: ['master.example:7440', '[2001:db8::1]:7440'],
    },
  )
})

const MISTAKES: readonly [unknown, readonly (string | number)[], RegExp][] = [
  [{ sevrers: [] }, ['sevrers'], /unknown key "sevrers"; known are state, servers/],
  [{ state: 'here' }, ['state'], /absolute path/],
  [{ state: 7 }, ['state'], /a path is expected/],
  [{ servers: [] }, ['servers'], /at least one/],
  [{ servers: 'master:7440' }, ['servers'], /a list/],
  [{ servers: ['master:7440', 'master'] }, ['servers', 1], /with its port/],
  [{ servers: ['a b:1'] }, ['servers', 0], /with its port/],
  ['x', [], /keys with values/],
]
for (const [given, path, message] of MISTAKES)
  t.test(`${JSON.stringify(given)} is refused with its place`, async (t) => {
    t.match(readAgentSettings(given), { issues: [{ path, message }] })
  })
