import t from 'tap'
import { overlay } from '../../agent/overlay.ts'
import { sha256 } from '../../lib/sha256.ts'
import type { Step } from '../../lib/step.ts'
import { fakeHost } from '../helpers/fake-host.ts'

/** A host with the directory /d, in which is x, and a link /l to it. */
function world(...more: readonly string[]) {
  const fake = fakeHost()
  const put = (path: string, kind: 'file' | 'directory' | 'link', target: string | null = null) => {
    fake.put(path)
    const entry = fake.files.get(path)
    if (entry)
      fake.files.set(path, { text: kind === 'file' ? 'old' : '', stat: { ...entry.stat, kind, target } })
  }
  put('/d', 'directory')
  put('/d/x', 'file')
  put('/l', 'link', 'd')
  // The kernel follows a link on the way; this host in memory does not.
  put('/l/x', 'file')
  for (const path of more) put(path, 'file')
  return overlay(fake.host, new Map())
}
const write = (path: string, text: string): Step => ({
  ...{ do: 'write', path, content: { text }, mode: null, owner: null, group: null },
  ...{ validate: null, backup: null },
})
const remove = (path: string): Step => ({ do: 'remove', path, recursive: true })
const mkdir = (path: string): Step => ({ do: 'mkdir', path, mode: '0755', owner: 'root', group: 'root' })

t.test('one file is seen by all its names', async (t) => {
  const view = world()
  await view.assume(write('/l/x', 'new'))
  t.equal(await view.text('/d/x'), 'new')
  await view.assume(write('/d/y', 'also new'))
  t.equal(await view.text('/l/y'), 'also new')
  t.same(await view.list('/l'), ['x', 'y'])
  await view.assume(remove('/d/x'))
  t.equal(await view.stat('/l/x'), null)
})

t.test('a link that leads elsewhere by now is followed there', async (t) => {
  const view = world()
  await view.assume(mkdir('/e'))
  await view.assume({ do: 'link', path: '/l', target: 'e' })
  t.equal(await view.stat('/l/x'), null)
  await view.assume(write('/l/x', 'in e'))
  t.equal(await view.text('/e/x'), 'in e')
  t.equal(await view.text('/d/x'), 'old')
})

t.test('a link that leads to itself ends', async (t) => {
  const view = world()
  await view.assume({ do: 'link', path: '/l', target: 'l' })
  t.equal(await view.stat('/l/x'), null)
})

t.test('a name is followed anew when a link on its way becomes something else', async (t) => {
  for (const instead of [mkdir('/l'), write('/l', 'a file'), remove('/l')]) {
    const view = world()
    await view.assume(write('/d/x', 'new'))
    t.equal(await view.text('/l/x'), 'new')
    await view.assume(instead)
    t.equal(await view.stat('/l/x'), null, `after ${instead.do}`)
  }
})

t.test('the digest of a text is made of what is to be written', async (t) => {
  const view = world()
  await view.assume(write('/d/x', 'new'))
  t.equal(await view.sha256('/d/x'), sha256('new'))
  await view.assume({ do: 'chmod', path: '/d/x', mode: '0600' })
  t.equal(await view.sha256('/l/x'), sha256('new'))
})

t.test('a directory that is made anew is empty, and so is one that is made in it', async (t) => {
  const view = world('/d/x/old')
  for (const step of [remove('/d'), mkdir('/d'), mkdir('/d/x')]) await view.assume(step)
  t.same(await view.list('/d'), ['x'])
  t.same(await view.list('/d/x'), [])
  t.equal(await view.stat('/d/x/old'), null)
})

t.test('what was below a directory is gone with it', async (t) => {
  for (const then of [write('/d', 'a file'), mkdir('/d')]) {
    const view = world()
    await view.assume(remove('/d'))
    await view.assume(then)
    t.equal(await view.stat('/d/x'), null, then.do)
    t.same(await view.list('/d'), then.do === 'mkdir' ? [] : null)
  }
})
