import t from 'tap'
import { openModes } from '../../agent/modes.ts'

t.test('a pause without an end waits for none', async (t) => {
  let ended = 0
  const modes = openModes(t.testdir(), () => {
    ended += 1
  })
  t.teardown(() => modes.close())
  const pause = {
    resource: 'file:/a',
    since: 0,
    until: 0,
    reason: 'r',
    by: 'b',
    at_end: 'PAUSE_END_REVERT',
  } as const
  modes.set({ mode: 'MODE_ENFORCE', until: 0, reason: '', by: '', resources: [pause] }, Date.now())
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve, 5))
  t.equal(ended, 0)
  t.ok(modes.now().paused.has('file:/a'))
})
