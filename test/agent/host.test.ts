import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openHost } from '../../agent/host.ts'
import { sha256 } from '../../lib/sha256.ts'

t.test('what the kernel shows in /proc is read, though it says that it is empty', async (t) => {
  const host = openHost(join(t.testdir(), 'state'))
  t.equal(await host.text('/proc/sys/kernel/ostype'), 'Linux\n')
  t.equal(await host.text('/proc/self/mountinfo'), readFileSync('/proc/self/mountinfo', 'utf8'))
})

t.test('an empty file is empty, and a file that is not there is none', async (t) => {
  const dir = t.testdir({ empty: '' })
  const host = openHost(join(dir, 'state'))
  t.equal(await host.text(join(dir, 'empty')), '')
  t.equal(await host.text(join(dir, 'none')), null)
})

t.test('a number is asked for its name', async (t) => {
  const host = openHost(join(t.testdir(), 'state'))
  t.equal(await host.userOf(0), 'root')
  t.equal(await host.groupOf(0), 'root')
  t.equal(await host.userOf(3_999_999_999), null)
})

t.test('a digest is that of all bytes, of a file of any length and of one that has changed', async (t) => {
  const dir = t.testdir({})
  const host = openHost(join(dir, 'state'))
  const path = join(dir, 'file')
  for (const length of [0, 1, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 3 * 1024 * 1024]) {
    const bytes = Buffer.alloc(length, String(length))
    writeFileSync(path, bytes)
    const digest = sha256(bytes)
    t.equal(await host.sha256(path), digest, `${length} bytes`)
    t.equal(await host.sha256(path), digest, `${length} bytes, seen before`)
  }
  t.equal(
    await host.sha256('/proc/sys/kernel/ostype'),
    sha256('Linux\n'),
    'a file that says that it is empty',
  )
})
