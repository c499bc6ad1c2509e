import { closeSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { lockFile } from '../../agent/lock-file.ts'

t.test('a lock that another has is told from one that can’t be asked for', async (t) => {
  const path = join(t.testdir(), 'lock')
  const lock = lockFile(path)
  t.equal(lockFile(path), null)
  closeSync(lock ?? -1)
  const { PATH } = process.env
  t.teardown(() => Object.assign(process.env, { PATH }))
  process.env.PATH = '/nowhere'
  t.throws(() => lockFile(path), { code: 'ENOENT' })
})
