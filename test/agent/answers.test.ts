import t from 'tap'
import { openAnswers } from '../../agent/answers.ts'
import type { Report } from '../../agent/spool.ts'
import type { Finished } from '../../proto/gen/drover/v1/Finished.ts'

const PROBLEM = { code: 'conflict', reason: 'the host is paused', hint: '' }

const reportOf = (head: Partial<Report['head']> & { run_id: string }) => ({ head, body: null }) as never

function open() {
  const sent: Finished[] = []
  return { sent, answers: openAnswers((finished) => sent.push(finished)) }
}

t.test('an order that made no run is answered at once', async (t) => {
  const { sent, answers } = open()
  answers.finished('one', { runId: '', problem: PROBLEM })
  t.strictSame(sent, [{ request_id: 'one', run_id: '', problem: PROBLEM }])
})

t.test('all orders of a run are answered when its report is delivered, each once', async (t) => {
  const { sent, answers } = open()
  answers.finished('one', { runId: 'r1', problem: null })
  answers.finished('two', { runId: 'r1', problem: null })
  answers.finished('three', { runId: 'r2', problem: null })
  t.strictSame(sent, [])
  answers.delivered(reportOf({ run_id: 'r1', request_id: 'one' }))
  answers.lost('r1', 'it is gone')
  t.strictSame(sent, [
    { request_id: 'one', run_id: 'r1', problem: null },
    { request_id: 'two', run_id: 'r1', problem: null },
  ])
})

t.test('of an order from before a restart the report knows who asked', async (t) => {
  const { sent, answers } = open()
  answers.delivered(reportOf({ run_id: 'r1', request_id: 'one', problem: PROBLEM }))
  answers.delivered(reportOf({ run_id: 'r2', request_id: '' }))
  t.strictSame(sent, [{ request_id: 'one', run_id: 'r1', problem: PROBLEM }])
})

t.test('an order whose report is lost is answered with the reason', async (t) => {
  const { sent, answers } = open()
  answers.finished('one', { runId: 'r1', problem: null })
  answers.lost('r1', 'there was no room for it')
  answers.lost('r2', 'there was no room for it')
  t.match(sent, [{ request_id: 'one', run_id: '', problem: { reason: /lost: there was no room for it/ } }])
  t.equal(sent.length, 1)
})
