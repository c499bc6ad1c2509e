import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openHost } from '../../agent/host.ts'
import { perform } from '../../agent/perform.ts'
import type { Argv } from '../../lib/host.ts'

t.test('each directory is announced before a file in it is begun', async (t) => {
  const dir = t.testdir({ etc: { x: 'old' }, kept: {}, state: {} })
  const [stateDir, told] = [join(dir, 'state'), [] as string[]]
  const effects = {
    ...{ host: openHost(stateDir), stateDir, blobs: new Map(), signal: undefined, waiting: () => undefined },
    recovered: () => undefined,
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

t.test('what a validator that is asked once has accepted is put back without it', async (t) => {
  const dir = t.testdir({ etc: { x: 'theirs' }, state: {} })
  const [stateDir, path, asked] = [join(dir, 'state'), join(dir, 'etc/x'), join(dir, 'asked')]
  const effects = {
    ...{ host: openHost(stateDir), stateDir, blobs: new Map(), signal: undefined },
    ...{ waiting: () => undefined, writing: () => undefined, recovered: () => undefined },
  }
  const how = { mode: null, owner: null, group: null, backup: null }
  const put = (text: string, validate: Argv, validateOnce = true) =>
    perform({ do: 'write', path, content: { text }, ...how, validate, validateOnce }, null, effects)
  const saying = (script: string): Argv => ['sh', '-c', `echo >> "$0"; ${script}`, asked, '%s']
  const good = saying('grep -q good "$1"')
  const times = () => readFileSync(asked, 'utf8').length

  for (const n of [1, 2]) {
    await t.rejects(put('bad', good))
    t.equal(times(), n, 'what it has refused it may accept another time')
  }
  await put('good', good)
  writeFileSync(path, 'by hand')
  await put('good', good)
  t.equal(readFileSync(path, 'utf8'), 'good')
  t.equal(times(), 3, 'the same is put back')
  await put('good too', good)
  t.equal(times(), 4, 'another content')
  await put('good', good)
  t.equal(times(), 5, 'and what it was before that')
  await put('good', good, false)
  t.equal(times(), 6, 'any other is asked each time')
  await put('good', saying('grep -qs good "$1"'))
  t.equal(times(), 7, 'another validator')
})
