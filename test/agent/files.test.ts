import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  changeMode,
  changeOwner,
  makeDirectory,
  makeLink,
  remove,
  removeTemporaries,
  write,
} from '../../agent/files.ts'

const root = process.getuid?.() === 0
const self = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
const nothing = async () => undefined
const put = (path: string, text: string, more = {}) =>
  write({ path, bytes: Buffer.from(text), mode: 0o644, ...self, ...more }, nothing)
const modeOf = (path: string) => lstatSync(path).mode & 0o7777

t.test('a write makes a new inode and leaves no other file', async (t) => {
  const dir = t.testdir({ x: 'old' })
  const before = lstatSync(join(dir, 'x')).ino
  await put(join(dir, 'x'), 'new', { mode: 0o600 })
  t.equal(readFileSync(join(dir, 'x'), 'utf8'), 'new')
  t.equal(modeOf(join(dir, 'x')), 0o600)
  t.not(lstatSync(join(dir, 'x')).ino, before)
  t.same(readdirSync(dir), ['x'])
})

t.test('mode and owner that are not given stay as they are', async (t) => {
  const dir = t.testdir({ x: 'old' })
  chmodSync(join(dir, 'x'), 0o640)
  await put(join(dir, 'x'), 'new', { mode: null, uid: null, gid: null })
  t.equal(modeOf(join(dir, 'x')), 0o640)
})

t.test('a file that is refused on inspection leaves the old one whole', async (t) => {
  const dir = t.testdir({ x: 'old' })
  const refuse = async (path: string) => {
    t.equal(readFileSync(path, 'utf8'), 'new', 'the inspector sees the new file')
    throw new Error('no')
  }
  await t.rejects(write({ path: join(dir, 'x'), bytes: Buffer.from('new'), mode: 0o644, ...self }, refuse), {
    message: 'no',
  })
  t.equal(readFileSync(join(dir, 'x'), 'utf8'), 'old')
  t.same(readdirSync(dir), ['x'])
})

t.test('a link in the place of a file is replaced and not followed', async (t) => {
  const dir = t.testdir({ victim: 'untouched', x: t.fixture('symlink', 'victim') })
  await put(join(dir, 'x'), 'new')
  t.equal(readFileSync(join(dir, 'victim'), 'utf8'), 'untouched')
  t.ok(lstatSync(join(dir, 'x')).isFile())
})

t.test(
  "a directory that is somebody else's link is not followed",
  { skip: root ? false : 'only root can give a link away' },
  async (t) => {
    const dir = t.testdir({ target: {} })
    symlinkSync('target', join(dir, 'mine'))
    await put(join(dir, 'mine', 'x'), 'through a link of root')
    t.ok(existsSync(join(dir, 'target', 'x')))
    symlinkSync('target', join(dir, 'theirs'))
    lchownSync(join(dir, 'theirs'), 1000, 1000)
    await t.rejects(put(join(dir, 'theirs', 'y'), 'no'), {
      code: 'denied',
      message: /theirs is a link that others/,
    })
    t.notOk(existsSync(join(dir, 'target', 'y')))
  },
)

t.test('nothing is written below a directory that anybody may write to', async (t) => {
  const dir = t.testdir({ open: {} })
  chmodSync(join(dir, 'open'), 0o777)
  await t.rejects(put(join(dir, 'open', 'x'), 'no'), { code: 'denied', message: /anybody may rename/ })
  chmodSync(join(dir, 'open'), 0o1777)
  await put(join(dir, 'open', 'x'), 'a sticky one is as /tmp is')
})

t.test('a directory that is missing or no directory is named', async (t) => {
  const dir = t.testdir({ x: '' })
  await t.rejects(put(join(dir, 'none', 'y'), ''), {
    code: 'not-found',
    message: `directory ${join(dir, 'none')} is not there`,
  })
  await t.rejects(put(join(dir, 'x', 'y'), ''), {
    code: 'conflict',
    message: `${join(dir, 'x')} is no directory`,
  })
})

t.test(
  "a link in a directory of another user is not followed, whoever's link it is",
  { skip: root ? false : 'only root can give a directory away' },
  async (t) => {
    const dir = t.testdir({ target: {}, home: {} })
    symlinkSync('../target', join(dir, 'home', 'current'))
    await put(join(dir, 'home', 'current', 'x'), 'through a link of root')
    chownSync(join(dir, 'home'), 1234, 1234)
    await t.rejects(put(join(dir, 'home', 'current', 'y'), 'b'), {
      code: 'denied',
      message: /current is a link/,
    })
    t.notOk(existsSync(join(dir, 'target', 'y')), 'who owns the directory can swap the link')
  },
)

t.test('a walk that fails leaves no descriptor open', async (t) => {
  const dir = t.testdir({ file: '' })
  const open = () => readdirSync('/proc/self/fd').length
  const before = open()
  for (let i = 0; i < 20; i += 1) {
    await t.rejects(put(join(dir, 'file', 'below', 'x'), 'a'))
    await t.rejects(put(join(dir, 'absent', 'x'), 'a'))
    await t.rejects(put(join(dir, 'a'.repeat(300), 'x'), 'a'), { code: 'ENAMETOOLONG' })
  }
  t.equal(open(), before)
})

t.test('directories and links are made whole', async (t) => {
  const dir = t.testdir({ old: 'a file' })
  makeDirectory(join(dir, 'd'), 0o2750, self)
  t.equal(modeOf(join(dir, 'd')), 0o2750)
  makeLink(join(dir, 'old'), 'd')
  t.ok(lstatSync(join(dir, 'old')).isSymbolicLink())
})

t.test('mode and owner change what is named, not what a link leads to', async (t) => {
  const dir = t.testdir({ x: '', l: t.fixture('symlink', 'x') })
  changeMode(join(dir, 'x'), 0o4755)
  t.equal(modeOf(join(dir, 'x')), 0o4755)
  t.throws(() => changeMode(join(dir, 'l'), 0o600), { code: 'conflict', message: /l is a link/ })
  if (root) {
    changeOwner(join(dir, 'x'), 1000, null)
    t.match(lstatSync(join(dir, 'x')), { uid: 1000, gid: self.gid })
  }
})

t.test('a file with a second name is left alone', async (t) => {
  const dir = t.testdir({ x: '' })
  linkSync(join(dir, 'x'), join(dir, 'second'))
  t.throws(() => changeMode(join(dir, 'x'), 0o600), { code: 'denied', message: /2 hard links/ })
})

t.test('a directory that holds something goes only when that is asked for', async (t) => {
  const dir = t.testdir({ d: { a: '', b: { c: '' }, out: t.fixture('symlink', '../kept') }, kept: { x: '' } })
  t.throws(() => remove(join(dir, 'd'), false), { code: 'conflict', message: /is not empty/ })
  remove(join(dir, 'd'), true)
  t.notOk(existsSync(join(dir, 'd')))
  t.ok(existsSync(join(dir, 'kept', 'x')), 'what a link inside leads to stays')
  remove(join(dir, 'd'), true)
})

t.test('what a killed run left is removed, and nothing else', async (t) => {
  const dir = t.testdir({ '.drover-0123456789abcdef.tmp': '', '.drover-mine.tmp': '', x: '' })
  t.equal(removeTemporaries(dir), 1)
  t.same(readdirSync(dir).sort(), ['.drover-mine.tmp', 'x'])
  t.equal(removeTemporaries(join(dir, 'none')), 0)
})

t.test('a directory swapped for a link meanwhile sends nothing elsewhere', async (t) => {
  const dir = t.testdir({ a: {}, victim: {} })
  const swap = async () => {
    renameSync(join(dir, 'a'), join(dir, 'moved'))
    symlinkSync('victim', join(dir, 'a'))
  }
  await write({ path: join(dir, 'a', 'x'), bytes: Buffer.from('mine'), mode: 0o644, ...self }, swap)
  t.same(readdirSync(join(dir, 'victim')), [])
  t.equal(readFileSync(join(dir, 'moved', 'x'), 'utf8'), 'mine')
})
