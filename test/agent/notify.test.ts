import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import t from 'tap'
import { openNotify } from '../../agent/notify.ts'

t.test('systemd hears no more than it has to, and of another status at once', async (t) => {
  const intervals = t.capture(globalThis, 'setInterval', () => undefined as never)
  // Nobody listens there: each time that it is to be told, it can't be.
  const env = { NOTIFY_SOCKET: join(t.testdir({}), 'none'), WATCHDOG_USEC: '120000000' }
  let [status, told] = ['well', 0]
  const warn = () => {
    told += 1
  }
  const isTold = async (times: number) => {
    while (told < times) await after(10)
  }
  const notify = openNotify({ env, stuck: () => null, status: () => status, warn })
  notify.ready()
  await isTold(1)
  const [[beat, everyMs] = []] = intervals().map(({ args }) => args as [() => void, number])
  t.equal(everyMs, 30_000)
  beat?.()
  beat?.()
  await isTold(2)
  status = 'better'
  beat?.()
  await isTold(3)
  await notify.stopping()
  t.equal(told, 4, 'that it is ready, that it is well each minute, another status, that it stops')
})
