import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openPolls } from '../../agent/polls.ts'

t.test('one look that took long is no reason to look more rarely', { timeout: 60_000 }, async (t) => {
  const path = join(t.testdir({ a: 'a' }), 'a')
  // Something else took a minute of a core while the first look went on.
  const moments = [0, 60_000]
  await new Promise<void>((resolve) => {
    const polls = openPolls(
      { polled: new Map([[path, ['sysctl:a']]]) },
      (ids) => {
        t.same([...ids], ['sysctl:a'])
        if (moments.length === 0) resolve()
        else writeFileSync(path, 'c')
      },
      () => moments.shift() ?? 60_000,
    )
    t.teardown(() => polls.close())
    writeFileSync(path, 'b')
  })
})
