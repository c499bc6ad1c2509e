import t, { type Test } from 'tap'
import { EXIT } from '../../cli/exit.ts'
import type { Outcome, RunResult } from '../../lib/outcome.ts'
import type { ResourceId } from '../../lib/state.ts'
import { bedReason, diffSnapshots, type Host, openBed, type Snapshot } from '../bed/bed.ts'
import { formerDifferences } from './former.ts'

/** One thing that an administrator breaks by hand. */
export type Hurt = {
  readonly id: ResourceId
  /** The one field that a check then finds. `exists` and `kind`, for another thing or none, come with all it had. */
  readonly field: string
  readonly hurt: (host: Host) => Promise<unknown>
  /** Looks at what apply made of it, with the host's own tools. */
  readonly look?: (host: Host, t: Test) => Promise<unknown>
}

export type HostCase = {
  /** The YAML text of the one role that the host has. */
  readonly role: string
  /** More files of that role, by their path in it, such as `files/motd`. */
  readonly files?: Readonly<Record<string, string>>
  /** Makes the host what it is before drover sees it. */
  readonly before?: (host: Host) => Promise<unknown>
  readonly hurts: readonly Hurt[]
  /** Looks at what the first apply made, with the host's own tools. */
  readonly look?: (host: Host, t: Test) => Promise<unknown>
  /** What stays when the role leaves: lines of a difference between two looks at the host. `null`: not to be tried. */
  readonly remains?: readonly RegExp[] | null
  /** What else is to be tried on the host, when all the rest holds. */
  readonly after?: (drive: Drive, t: Test) => Promise<unknown>
}

/** Runs drover on a host with a role, which another one can take the place of. */
export type Drive = {
  readonly host: Host
  /** Another role in its place. What the one before brought is nobody's then, and stays. */
  role(text: string): Promise<void>
  assign(role: string): Promise<void>
  check(): Promise<RunResult>
  apply(): Promise<RunResult>
  /** What the last run told of itself while it went on. */
  said(): string
}

const SITE = '/srv/site'
const MAX_RUN_MS = 120_000
const MAX_TEST_MS = 600_000

/**
 * What holds for every type of resource on a real host: a check writes nothing; an apply does exactly what the check
 * showed; a second apply does nothing; and each thing that is broken by hand is found, it alone, and mended.
 */
export function hostTest(name: string, given: HostCase): void {
  t.test(name, { skip: bedReason() ?? false, timeout: MAX_TEST_MS }, async (t) => {
    const bed = await openBed(t)
    const drive = driveOf(await bed.host())
    await drive.host.write(`${SITE}/drover.yaml`, 'name: test\n')
    await drive.assign('test')
    for (const [path, text] of Object.entries(given.files ?? {}))
      await drive.host.write(`${SITE}/roles/test/${path}`, text)
    await drive.role(given.role)
    await given.before?.(drive.host)

    const accounts = await accountsOf(drive.host)
    const { shown, before } = await writesNothing(t, drive)
    await t.test('apply does exactly what the check showed', async (t) => {
      matches(t, shown, await drive.apply())
      await given.look?.(drive.host, t)
    })
    await t.test('a second apply does nothing', async (t) => settled(t, await drive.apply()))
    if (given.remains !== null)
      await t.test('without its role the host is as it was, and with it as it should be', (t) =>
        leaves(t, drive, before, accounts, given.remains ?? []),
      )
    for (const hurt of given.hurts)
      await t.test(`${hurt.id}: ${hurt.field}, broken by hand, is found and mended`, (t) =>
        mends(t, drive, hurt),
      )
    await given.after?.(drive, t)
  })
}

async function leaves(
  t: Test,
  drive: Drive,
  before: Snapshot,
  accounts: readonly string[],
  remains: readonly RegExp[],
): Promise<void> {
  await drive.assign('')
  const gone = await drive.apply()
  t.same(idsOf(gone, 'failed', 'skipped', 'planned'), [], 'all could be taken back', { gone })
  const differs = [
    ...formerDifferences(before, await drive.host.snapshot()),
    ...(await accountsOf(drive.host)).filter((line) => !accounts.includes(line)),
  ]
  t.same(
    differs.filter((line) => !remains.some((one) => one.test(line))),
    [],
  )
  await drive.assign('test')
  settledAfter(t, await drive.apply())
  settled(t, await drive.check())
}

/** Whatever their order: an account that comes back stands at the end. */
const accountsOf = async (host: Host) =>
  (await host.must(['sh', '-c', 'cat /etc/passwd /etc/group /etc/gshadow /etc/shadow'])).split('\n')

async function writesNothing(t: Test, drive: Drive): Promise<{ shown: RunResult; before: Snapshot }> {
  const before = await drive.host.snapshot()
  let shown: RunResult | null = null
  await t.test('a check writes nothing', async (t) => {
    shown = await drive.check()
    t.strictSame(diffSnapshots(before, await drive.host.snapshot()), [], 'the host is as it was')
    const statuses = new Set(shown.outcomes.map(({ status }) => status))
    t.ok(statuses.has('planned'), 'something is to be done')
    t.notOk(statuses.has('failed') || statuses.has('skipped'), 'all of it can be done', { shown })
  })
  if (shown === null) throw new Error('the check did not come to its end')
  return { shown, before }
}

/** What was planned for certain was performed as shown; nothing else was done unless the plan left it open. */
export function matches(t: Test, shown: RunResult, done: RunResult): void {
  t.same(idsOf(done, 'failed', 'skipped', 'planned'), [], 'nothing failed', { done })
  const planned = shown.outcomes.filter((one) => one.status === 'planned')
  const open = planned.filter(({ after, unknown }) => after.length > 0 || unknown !== null)
  for (const one of planned) {
    if (open.includes(one)) continue
    const outcome = done.outcomes.find(({ id }) => id === one.id)
    t.equal(outcome?.status, 'changed', `${one.id} was changed`)
    t.same(workOf(outcome), workOf(one), `${one.id} was performed as shown`)
  }
  const expected = new Set(planned.map(({ id }) => id))
  t.same(
    idsOf(done, 'changed').filter((id) => !expected.has(id)),
    [],
    'nothing was done that was not shown',
  )
}

function settledAfter(t: Test, done: RunResult): void {
  t.same(idsOf(done, 'failed', 'skipped', 'planned'), [], 'nothing failed', { done })
}

export function settled(t: Test, result: RunResult): void {
  t.same(
    result.outcomes.filter(({ status }) => status !== 'settled'),
    [],
    'all is settled',
  )
}

async function mends(t: Test, drive: Drive, { id, field, hurt, look }: Hurt): Promise<void> {
  await hurt(drive.host)
  const shown = await drive.check()
  t.same(idsOf(shown, 'planned', 'failed', 'skipped'), [id], 'the check finds it, and nothing else', {
    shown,
  })
  const fields =
    workOf(shown.outcomes.find((one) => one.id === id))?.changes.map((change) => change.field) ?? []
  t.same(['exists', 'kind'].includes(field) ? fields.slice(0, 1) : fields, [field], 'in this field alone')
  matches(t, shown, await drive.apply())
  await look?.(drive.host, t)
  settled(t, await drive.check())
}

const idsOf = (result: RunResult, ...statuses: Outcome['status'][]) =>
  result.outcomes.filter(({ status }) => statuses.includes(status)).map(({ id }) => id)

function workOf(outcome: Outcome | undefined) {
  if (outcome?.status !== 'planned' && outcome?.status !== 'changed') return null
  const { changes, steps, with: first, previews } = outcome
  return { changes, steps, with: first, previews }
}

function driveOf(host: Host): Drive {
  let said = ''
  const run = async (verb: readonly string[]): Promise<RunResult> => {
    const argv = ['drover', 'local', ...verb, SITE, '--host', 'h', '--output', 'json']
    const { code, stdout, stderr } = await host.exec(argv, { timeoutMs: MAX_RUN_MS })
    said = stderr
    // Changes that are due and resources that failed are answers; anything else is no run.
    if (code & ~(EXIT.due | EXIT.resourceFailed))
      throw new Error(`"${argv.join(' ')}" exited ${code}: ${stderr}`)
    return JSON.parse(stdout)
  }
  return {
    host,
    async role(text) {
      await host.write(`${SITE}/roles/test/role.yaml`, text)
      await host.must(['rm', '-rf', '/var/lib/drover/ledger'])
    },
    assign: (role) => host.write(`${SITE}/hosts.yaml`, `hosts:\n  h: { roles: [${role}] }\n`),
    check: () => run(['plan']),
    apply: () => run(['apply', '--yes']),
    said: () => said,
  }
}
