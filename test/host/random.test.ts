import { writeFileSync } from 'node:fs'
import t from 'tap'
import type { Outcome, RunResult } from '../../lib/outcome.ts'
import { bedReason, diffSnapshots, type Host, openBed } from '../bed/bed.ts'
import { randomSite } from '../helpers/random-site.ts'

/**
 * Sites by chance, one after the other on the same host: what a check shows is what an apply does, and then nothing is
 * left to do. `DROVER_SEEDS` says which: `40` for the first forty, `7-9` for those alone.
 */
t.setTimeout(3_600_000)
const [first = '', last] = (process.env.DROVER_SEEDS ?? '12').split('-')
const SEEDS = last === undefined ? [1, Number(first)] : [Number(first), Number(last)]
const SITE = '/srv/site'

t.test('what a check shows is what an apply does', { skip: bedReason() ?? false }, async (t) => {
  const bed = await openBed(t)
  const host = await bed.host()
  let refused = 0
  for (let seed = SEEDS[0] ?? 1; seed <= (SEEDS[1] ?? 1); seed++) {
    const site = randomSite(seed)
    const text = JSON.stringify({ resources: site }, null, 1)
    await host.write(`${SITE}/drover.yaml`, 'name: test\n')
    await host.write(`${SITE}/hosts.yaml`, 'hosts:\n  h: { roles: [test] }\n')
    await host.write(`${SITE}/roles/test/role.yaml`, text)
    const before = seed % 4 === 0 ? await host.snapshot() : null
    const shown = await drover(host, 'plan')
    if (typeof shown === 'string') {
      refused += 1
      if (process.env.DROVER_DUMP) process.stderr.write(`${seed}: ${shown.slice(0, 300)}\n`)
      continue
    }
    const wrote = before ? diffSnapshots(before, await host.snapshot()) : []
    const done = await drover(host, 'apply', '--yes')
    const again = await drover(host, 'plan')
    const wrong = [
      ...wrote.map((line) => `the check wrote ${line}`),
      ...compare(shown, done),
      ...rest(done, again),
    ]
    t.same(wrong, [], `seed ${seed}`)
    if (process.env.DROVER_DUMP && wrong.length > 0)
      writeFileSync(
        `${process.env.DROVER_DUMP}/${seed}.json`,
        JSON.stringify({ wrong, site, shown, done, again }, null, 1),
      )
  }
  t.ok(refused < 4, `${refused} sites were refused`)
})

async function drover(host: Host, ...verb: string[]): Promise<RunResult | string> {
  const argv = ['drover', 'local', ...verb, SITE, '--host', 'h', '--output', 'json']
  const { stdout, stderr } = await host.exec(argv, { timeoutMs: 120_000 })
  try {
    return JSON.parse(stdout)
  } catch {
    return stderr || stdout
  }
}

/** What an apply did otherwise than the check before it showed. */
function compare(shown: RunResult, done: RunResult | string): string[] {
  if (typeof done === 'string') return [`no apply: ${done}`]
  const last = new Map(done.outcomes.map((one) => [one.id, one]))
  // Nobody can say what a command leaves as it is.
  const opaque = shown.outcomes.findIndex(isOpaque)
  return shown.outcomes.flatMap((was, at) => {
    const is = last.get(was.id)
    if (is === undefined) return [`${was.id}: gone`]
    if (is.status === 'skipped' && isOpen(is.because, shown, done)) return []
    if (was.status === 'planned') return sameWork(was, is)
    if (was.status === 'settled' && opaque !== -1 && at > opaque) return []
    return was.status === is.status && reasonOf(was) === reasonOf(is) ? [] : [differs(was, is)]
  })
}

const isOpaque = (one: Outcome) =>
  one.status === 'planned' && (one.unknown !== null || one.steps.some((step) => step.do === 'run'))
const reasonOf = (one: Outcome) => (one.status === 'failed' ? one.reason : null)
const differs = (was: Outcome, is: Outcome) => `${was.id}: shown ${brief(was)}, was ${brief(is)}`

/** Whether a resource was stopped, in the end, by one of which the check had said that it may come otherwise. */
function isOpen(because: string | null, shown: RunResult, done: RunResult): boolean {
  const was = shown.outcomes.find(({ id }) => id === because)
  const is = done.outcomes.find(({ id }) => id === because)
  if (is?.status === 'skipped') return isOpen(is.because, shown, done)
  return was?.status === 'planned' && (was.after.length > 0 || was.unknown !== null)
}

function sameWork(was: Planned, is: Outcome): string[] {
  if (was.after.length > 0 || was.unknown !== null) return []
  // A command, or one that judges a file, is not run in a check.
  if (is.status === 'failed' && is.ended !== null) return []
  return workOf(was) === workOf(is) ? [] : [`${differs(was, is)}: ${workOf(was)}, ${workOf(is)}`]
}

type Planned = Extract<Outcome, { status: 'planned' }>

/** What a second check finds to do. */
function rest(done: RunResult | string, again: RunResult | string): string[] {
  if (typeof done === 'string') return []
  if (typeof again === 'string') return [`no second check: ${again}`]
  const ended = new Map(done.outcomes.map((one) => [one.id, one]))
  return again.outcomes.flatMap((is) => {
    const was = ended.get(is.id)
    const inOrder = was?.status === 'changed' || was?.status === 'settled'
    const mayFollow =
      is.status === 'planned' && is.changes.every(({ field }) => ['restart', 'reload'].includes(field))
    return inOrder && !mayFollow && is.status !== 'settled'
      ? [`${is.id}: ${was?.status}, then ${brief(is)}`]
      : []
  })
}

function workOf(one: Outcome): string {
  if (one.status !== 'planned' && one.status !== 'changed') return one.status
  const { changes, steps, with: first, previews } = one
  return JSON.stringify({ changes, steps, with: first, previews })
}

function brief(one: Outcome): string {
  if (one.status === 'failed') return `failed (${one.reason}; ${JSON.stringify(one.left)})`
  if (one.status === 'skipped') return `skipped for ${one.because}`
  return one.status === 'settled' ? 'settled' : `${one.status} ${JSON.stringify(one.steps)}`
}
