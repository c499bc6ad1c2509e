import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Places } from '../../agent/places.ts'
import { openWatcher } from '../../agent/watch.ts'
import {
  DPKG_BUSY_EVERY_MS,
  DRIFT_GATHER_MS,
  LOOKS_AT_ONCE,
  MAX_EVENTS_PER_SECOND,
  POLL_EVERY_MS,
} from '../../lib/limits.ts'
import type { ResourceId } from '../../lib/state.ts'

const placesOf = (paths: Readonly<Record<string, ResourceId[]>>, more: Partial<Places> = {}): Places => ({
  paths: new Map(Object.entries(paths)),
  inside: new Map(),
  units: new Map(),
  ofPackages: new Set(),
  polled: new Map(),
  types: new Map([['file', { heard: Object.keys(paths).length, polled: 0, swept: 0 }]]),
  ...more,
})

/** A watch over places of a folder, and what it tells. */
function listen(
  t: Test,
  placesIn: (dir: string) => Places,
  isDpkgBusy = () => false,
  wait: (id: ResourceId) => number = () => 0,
) {
  const dir = t.testdir({ a: 'a', sub: { b: 'b', deep: { c: 'c' } } })
  const told: ResourceId[][] = []
  const heardAt = new Map<ResourceId, number>()
  let wake: () => void = () => undefined
  const watch = openWatcher({
    isDpkgBusy,
    wait,
    heard(hint) {
      if (Math.max(...hint.values()) > performance.now()) throw new Error('it was heard in the future')
      told.push([...hint.keys()].sort())
      for (const [id, at] of hint) heardAt.set(id, at)
      wake()
    },
  })
  t.teardown(() => watch.close())
  watch.follow(placesIn(dir))
  /** Waits until something is told, and says what it was. */
  const next = async (): Promise<ResourceId[]> => {
    while (told.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    return told.shift() ?? []
  }
  return { dir, next, told, heardAt, watch, at: (path: string) => join(dir, path) }
}

const usual = (dir: string) =>
  placesOf({
    [join(dir, 'a')]: ['file:a'],
    [join(dir, 'sub')]: ['directory:sub'],
    [join(dir, 'sub/b')]: ['file:b'],
    [join(dir, 'sub/deep/c')]: ['file:c', 'line:c'],
  })

t.test(
  'a file that is written, closed to others, removed, made or replaced is named; no other is',
  async (t) => {
    const { at, next, told } = listen(t, usual)
    const moves: (() => void)[] = [
      () => writeFileSync(at('a'), 'x'),
      () => chmodSync(at('a'), 0o600),
      () => rmSync(at('a')),
      () => writeFileSync(at('a'), 'x'),
      () => {
        writeFileSync(at('.a.new'), 'y')
        renameSync(at('.a.new'), at('a'))
      },
      () => writeFileSync(at('a'), 'what replaced it is heard as well'),
    ]
    for (const move of moves) {
      writeFileSync(at('other'), 'x')
      move()
      t.same(await next(), ['file:a'], String(move))
    }
    chmodSync(at('sub'), 0o700)
    t.match(await next(), ['directory:sub'])
    t.same(told, [])
  },
)

t.test('what happens at once is told at once, each name once', async (t) => {
  const { at, next, told } = listen(t, usual)
  for (let i = 0; i < 100; i += 1) {
    writeFileSync(at('a'), String(i))
    writeFileSync(at('sub/deep/c'), String(i))
  }
  t.same(await next(), ['file:a', 'file:c', 'line:c'])
  writeFileSync(at('sub/b'), 'x')
  t.same(await next(), ['file:b'], 'and nothing came in between')
  t.same(told, [])
})

t.test('directories that are moved away, come back or are made are followed', async (t) => {
  const { at, next, watch } = listen(t, usual)
  const before = watch.watched.directories
  renameSync(at('sub'), at('gone'))
  t.same(await next(), ['directory:sub', 'file:b', 'file:c', 'line:c'])
  t.equal(watch.watched.directories, before - 2)
  writeFileSync(at('gone/b'), 'not heard')
  writeFileSync(at('a'), 'heard')
  t.same(await next(), ['file:a'])

  mkdirSync(at('sub'))
  t.match(await next(), ['directory:sub', 'file:b'])
  writeFileSync(at('sub/b'), 'x')
  t.same(await next(), ['file:b'])
  mkdirSync(at('sub/deep'))
  t.same(await next(), ['file:c', 'line:c'])
  writeFileSync(at('sub/deep/c'), 'x')
  t.same(await next(), ['file:c', 'line:c'])

  rmSync(at('sub'), { recursive: true })
  t.same(await next(), ['directory:sub', 'file:b', 'file:c', 'line:c'])
  renameSync(at('gone'), at('sub'))
  t.same(await next(), ['directory:sub', 'file:b', 'file:c', 'line:c'])
  writeFileSync(at('sub/deep/c'), 'y')
  t.same(await next(), ['file:c', 'line:c'])
  t.equal(watch.watched.directories, before)
})

t.test('what comes and goes in a directory is told where somebody asked for it', async (t) => {
  const { at, next } = listen(t, (dir) =>
    placesOf({}, { inside: new Map([[join(dir, 'sub'), ['directory:sub']]]) }),
  )
  writeFileSync(at('sub/new'), '')
  t.same(await next(), ['directory:sub'])
  rmSync(at('sub/b'))
  t.same(await next(), ['directory:sub'])
})

t.test('while apt or dpkg is at work, what they disturb waits, and nothing else does', async (t) => {
  let busy = true
  const { at, next } = listen(
    t,
    (dir) => ({ ...usual(dir), ofPackages: new Set(['file:b' as const]) }),
    () => busy,
  )
  writeFileSync(at('sub/b'), 'x')
  writeFileSync(at('a'), 'x')
  const started = performance.now()
  t.same(await next(), ['file:a'])
  busy = false
  t.same(await next(), ['file:b'])
  t.ok(performance.now() - started >= DPKG_BUSY_EVERY_MS - 100)
})

t.test('what is changed again and again is told less often, and at the end once more', async (t) => {
  const { at, next, told } = listen(t, usual)
  for (let i = 0; i < LOOKS_AT_ONCE; i += 1) {
    writeFileSync(at('a'), String(i))
    t.same(await next(), ['file:a'])
  }
  const started = performance.now()
  writeFileSync(at('a'), 'the last')
  writeFileSync(at('sub/b'), 'x')
  t.same(await next(), ['file:b'], 'others do not wait')
  t.same(await next(), ['file:a'])
  t.ok(performance.now() - started > 500)
  t.same(told, [])
})

t.test('a directory that is too loud is not listened to for a while, and then looked at', async (t) => {
  const { at, next } = listen(t, usual)
  // All of it waits in the kernel's queue.
  for (let i = 0; i < MAX_EVENTS_PER_SECOND + 500; i += 1) writeFileSync(at(`sub/other${i % 7}`), String(i))
  writeFileSync(at('sub/b'), 'x')
  t.match(await next(), ['directory:sub', 'file:b', 'file:c', 'line:c'])
  writeFileSync(at('sub/b'), 'y')
  t.same(await next(), ['file:b'], 'it is listened to again')
})

t.test('what the queue of the kernel had no room for is looked at all the same', async (t) => {
  const { at, next } = listen(t, usual)
  const queue = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'))
  // By turns, since the kernel makes one of two events that are the same.
  const noise = [0, 1].map((i) => openSync(at(`sub/other${i}`), 'w'))
  for (let i = 0; i < queue; i += 1) for (const file of noise) writeSync(file, 'x')
  for (const file of noise) closeSync(file)
  writeFileSync(at('a'), 'nobody hears of this')
  while (!(await next()).includes('file:a'));
  t.pass()
})

t.test('places that are followed instead of others', async (t) => {
  const { dir, at, next, watch, told } = listen(t, usual)
  watch.follow(placesOf({ [join(dir, 'sub/b')]: ['file:b'] }))
  writeFileSync(at('a'), 'x')
  writeFileSync(at('sub/b'), 'x')
  t.same(await next(), ['file:b'])
  t.match(watch.watched, { heard: 1, deaf: 0 })
  watch.close()
  writeFileSync(at('sub/b'), 'y')
  await after(200)
  t.same(told, [])
})

t.test('a file of which nothing is heard is read again and again', async (t) => {
  const { at, next, told, watch } = listen(t, (dir) =>
    placesOf(
      {},
      {
        polled: new Map([
          [join(dir, 'a'), ['sysctl:a']],
          [join(dir, 'none'), ['sysctl:none']],
        ]),
      },
    ),
  )
  await after(2 * POLL_EVERY_MS)
  t.same(told, [], 'what it was when it began is no news')
  const timers = t.capture(globalThis, 'setTimeout', setTimeout)
  writeFileSync(at('a'), 'b')
  t.same(await next(), ['sysctl:a'])
  const waits = timers().map(({ args }) => args[1])
  t.notOk(waits.includes(DRIFT_GATHER_MS), 'a look has all that there is: nothing more is waited for')
  timers.restore()
  writeFileSync(at('none'), '1')
  t.same(await next(), ['sysctl:none'], 'what was not there when it began is noticed when it is')
  watch.close()
  writeFileSync(at('a'), 'c')
  await after(2 * POLL_EVERY_MS)
  t.same(told, [])
})

t.test('what is to be left alone for a while is told of after it, once', async (t) => {
  const until = performance.now() + 700
  const wait = (id: ResourceId) => (id === 'file:a' ? Math.max(0, until - performance.now()) : 0)
  const { at, next, told, heardAt } = listen(t, usual, undefined, wait)
  for (let i = 0; i < 5; i += 1) writeFileSync(at('a'), `${i}`)
  writeFileSync(at('sub/b'), 'x')
  t.same(await next(), ['file:b'], 'others are not kept waiting')
  t.same(await next(), ['file:a'])
  t.ok(performance.now() >= until)
  t.ok((heardAt.get('file:a') ?? 0) > until - 100, 'the wait is no latency of its repair')
  t.same(told, [])
})
