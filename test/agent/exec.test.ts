import { existsSync } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import t from 'tap'
import { describe, run, run1 } from '../../agent/exec.ts'

t.test('an argument is data, whatever is in it', async (t) => {
  const ended = await run1(['printf', '%s', 'a; rm -rf / $(x) "y"'], { timeoutMs: 5000 })
  t.match(ended, { code: 0, stdout: 'a; rm -rf / $(x) "y"', missing: false, timedOut: false })
})

t.test('stages of a pipe feed each other, and the one that failed is known', async (t) => {
  const all = await run([['printf', 'b\\na\\n'], ['sort'], ['head', '-1']], { timeoutMs: 5000 })
  t.equal(all.at(-1)?.stdout, 'a\n')
  const failing = await run([['printf', 'x'], ['grep', 'y'], ['cat']], { timeoutMs: 5000 })
  t.same(
    failing.map((ended) => ended.code),
    [0, 1, 0],
  )
  t.match(await run([['cat', '/dev/null'], ['no-such-program'], ['cat']], { timeoutMs: 5000 }), [
    { argv: ['no-such-program'], missing: true, code: 127 },
  ])
})

t.test('a reader that has seen enough ends the one that feeds it', async (t) => {
  const [yes, head] = await run([['yes'], ['head', '-1']], { timeoutMs: 5000 })
  t.match(yes, { code: null, signal: 'SIGPIPE', timedOut: false })
  t.match(head, { code: 0, stdout: 'y\n' })
})

t.test('much goes through a pipe unharmed', async (t) => {
  const [, last] = await run(
    [
      ['head', '-c', '20000000', '/dev/zero'],
      ['wc', '-c'],
    ],
    { timeoutMs: 5000 },
  )
  t.match(last, { code: 0, stdout: '20000000\n' })
})

t.test('files that a command makes are as open as usual', async (t) => {
  const own = process.umask(0o077)
  t.match(await run1(['sh', '-c', 'umask'], { timeoutMs: 5000 }), { stdout: '0022\n' })
  t.equal(process.umask(own), 0o077)
})

t.test('a command that hangs is ended at its deadline with what it started', async (t) => {
  const started = performance.now()
  const ended = await run1(['sh', '-c', 'sleep 600 & echo $!; wait'], { timeoutMs: 300 })
  t.match(ended, { timedOut: true, code: null })
  t.ok(performance.now() - started < 4000)
  t.match(describe(ended), /was ended at its deadline/)
  await after(100)
  t.notOk(existsSync(`/proc/${ended.stdout.trim()}/exe`), 'the child of the child is gone too')
})

t.test('a command that ignores TERM is killed', async (t) => {
  const ended = await run1(['sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done'], { timeoutMs: 200 })
  t.match(ended, { timedOut: true, signal: 'SIGKILL' })
})

t.test('output is bounded and kept from its end', async (t) => {
  const ended = await run1(['sh', '-c', 'seq 1 200000; echo last'], { timeoutMs: 10_000, keepBytes: 1000 })
  t.equal(ended.stdout.length, 1000)
  t.match(ended.stdout, /last\n$/)
})

t.test('nothing of the caller reaches a command but what is given', async (t) => {
  process.env.DROVER_LEAK = 'x'
  const ended = await run1(['env'], { timeoutMs: 5000, env: { GIVEN: 'y' } })
  t.notMatch(ended.stdout, /DROVER_LEAK/)
  t.match(ended.stdout, /GIVEN=y/)
  t.match(ended.stdout, /LC_ALL=C/)
})

t.test('standard input is what is given, or closed', async (t) => {
  t.equal((await run1(['cat'], { timeoutMs: 5000 })).stdout, '')
  t.equal((await run1(['cat'], { timeoutMs: 5000, stdin: 'text' })).stdout, 'text')
})

t.test('what a command said is bounded in a sentence', async (t) => {
  const said = {
    argv: ['x'] as const,
    code: 1,
    signal: null,
    stdout: '',
    ms: 1,
    timedOut: false,
    missing: false,
  }
  t.match(describe({ ...said, stderr: 'one\ntwo\n' }), /: one\ntwo$/)
  t.ok(describe({ ...said, stderr: `${'x'.repeat(60_000)}END` }).length < 1100)
  t.match(describe({ ...said, stderr: `${'x'.repeat(60_000)}END` }), /: …x+END$/)
})

t.test('what has left the group and holds the output is not waited for beyond the deadline', async (t) => {
  const started = performance.now()
  const ended = await run1(['setsid', '--fork', 'sleep', '12'], { timeoutMs: 100 })
  t.match(ended, { timedOut: true })
  t.ok(performance.now() - started < 8000)
})

t.test('a command that is begun after the signal was given is ended too', async (t) => {
  const ended = await run1(['sleep', '12'], { timeoutMs: 20_000, signal: AbortSignal.abort() })
  t.match(ended, { code: null, signal: 'SIGTERM', timedOut: false })
})

t.test('a command that ignores TERM is killed after an abort', async (t) => {
  const abort = new AbortController()
  const argv = ['perl', '-e', '$SIG{TERM} = "IGNORE"; $| = 1; print "up\n"; sleep 30 while 1'] as const
  const running = run1(argv, { timeoutMs: 60_000, signal: abort.signal })
  // It hears of the abort some time after it began; before that TERM would end it.
  setTimeout(() => abort.abort(), 500)
  t.match(await running, { code: null, signal: 'SIGKILL', timedOut: false })
})
