import t from 'tap'
import { type Watchdog, watchdog } from '../../proto/watchdog.ts'

const QUIET_MS = 200

t.test('who says nothing is late', async (t) => {
  let guard: Watchdog | null = null
  await new Promise<void>((expired) => {
    guard = watchdog(QUIET_MS, expired)
  })
  t.ok((guard as Watchdog | null)?.late)
})

t.test('what came while the whole process did not run is heard first', async (t) => {
  const ended: string[] = []
  const guard = watchdog(QUIET_MS, () => ended.push('late'))
  for (const until = performance.now() + 2 * QUIET_MS; performance.now() < until; );
  // Timers come before what is in a socket, as this comes after them.
  await new Promise<void>((heard) => setImmediate(heard))
  guard.end()
  t.same(ended, [])
  t.notOk(guard.late)
})
