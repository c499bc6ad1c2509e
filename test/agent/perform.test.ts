import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openHost } from '../../agent/host.ts'
import { perform } from '../../agent/perform.ts'

t.test('each directory is announced before a file in it is begun', async (t) => {
  const dir = t.testdir({ etc: { x: 'old' }, kept: {}, state: {} })
  const [stateDir, told] = [join(dir, 'state'), [] as string[]]
  const effects = {
    ...{ host: openHost(stateDir), stateDir, blobs: new Map(), signal: undefined, waiting: () => undefined },
    writing: (directory: string) => told.push(directory),
  }
  const how = { mode: null, owner: null, group: null, validate: null }
  const [path, backup] = [join(dir, 'etc/x'), join(dir, 'kept/x')]
  await perform({ do: 'write', path, content: { text: 'new' }, backup, ...how }, null, effects)
  t.equal(readFileSync(path, 'utf8'), 'new')
  t.equal(readFileSync(backup, 'utf8'), 'old')
  await perform({ do: 'link', path: join(dir, 'etc/l'), target: 'x' }, null, effects)
  await perform({ do: 'stamp', hash: 'a' }, null, effects)
  t.same(told, [join(dir, 'kept'), join(dir, 'etc'), join(dir, 'etc'), join(stateDir, 'stamps')])
})
