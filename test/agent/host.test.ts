import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openHost } from '../../agent/host.ts'

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
