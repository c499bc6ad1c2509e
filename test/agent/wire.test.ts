import t from 'tap'
import { watchdog } from '../../agent/wire.ts'

const QUIET_MS = 200

t.test('a call from which nothing comes is ended', async (t) => {
  let guard: ReturnType<typeof watchdog> | null = null
  await new Promise<void>((cancel) => {
    guard = watchdog({ cancel }, QUIET_MS)
  })
  t.ok((guard as ReturnType<typeof watchdog> | null)?.late)
})

t.test('what came while the whole process did not run is heard first', async (t) => {
  const ended: string[] = []
  const guard = watchdog({ cancel: () => ended.push('cancelled') }, QUIET_MS)
  for (const until = performance.now() + 2 * QUIET_MS; performance.now() < until; );
  // Timers come before what is in a socket, as this comes after them.
  await new Promise<void>((heard) => setImmediate(heard))
  guard.end()
  t.same(ended, [])
  t.notOk(guard.late)
})
