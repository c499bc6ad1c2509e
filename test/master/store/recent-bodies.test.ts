import t from 'tap'
import { RecentBodies } from '../../../master/store/recent-bodies.ts'
import type { Store } from '../../../master/store/store.ts'

/** A store that counts what is read of it. */
function counted(bodies: Readonly<Record<string, Buffer>>) {
  const read: string[] = []
  const get = async (sha256: string) => {
    read.push(sha256)
    if (sha256 === 'broken') throw new Error('the disk is gone')
    return bodies[sha256]
  }
  return { read, store: { bodies: { get } } as unknown as Pick<Store, 'bodies'> }
}

t.test('what many ask for at once is read once', async (t) => {
  const { read, store } = counted({ a: Buffer.from('content') })
  const recent = new RecentBodies(store)
  const all = await Promise.all([recent.get('a'), recent.get('a'), recent.get('a')])
  t.strictSame(all.map(String), ['content', 'content', 'content'])
  t.equal(String(await recent.get('a')), 'content')
  t.strictSame(read, ['a'])
})

t.test('what does not fit any more is what was asked for longest ago', async (t) => {
  const { read, store } = counted({ a: Buffer.alloc(4), b: Buffer.alloc(4), c: Buffer.alloc(4) })
  const recent = new RecentBodies(store, 8)
  for (const sha256 of ['a', 'b', 'a', 'c', 'a', 'b']) await recent.get(sha256)
  t.strictSame(read, ['a', 'b', 'c', 'b'])
})

t.test('one that is larger than all that is kept is handed out, and not kept', async (t) => {
  const { read, store } = counted({ a: Buffer.alloc(9) })
  const recent = new RecentBodies(store, 8)
  t.equal((await recent.get('a'))?.length, 9)
  t.equal((await recent.get('a'))?.length, 9)
  t.strictSame(read, ['a', 'a'])
})

t.test('what is not there or can not be read is asked for again', async (t) => {
  const { read, store } = counted({})
  const recent = new RecentBodies(store)
  t.equal(await recent.get('x'), null)
  t.equal(await recent.get('x'), null)
  await t.rejects(recent.get('broken'), /disk/)
  await t.rejects(recent.get('broken'), /disk/)
  t.strictSame(read, ['x', 'x', 'broken', 'broken'])
})
