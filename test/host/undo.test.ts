import t from 'tap'
import type { Outcome } from '../../lib/outcome.ts'
import type { ResourcePause } from '../../proto/gen/drover/v1/ResourcePause.ts'
import { bedReason, openBed } from '../bed/bed.ts'
import { installAgent } from '../helpers/fleet.ts'
import { bedMaster, giveSite } from '../helpers/give-work.ts'
import type { Row } from '../helpers/small-master.ts'
import { prepare, ROLE } from './every-type.ts'
import { formerDifferences } from './former.ts'

/** A run that changed something of nearly every type is undone on a real host, which its agent then leaves alone. */
t.setTimeout(300_000)

const SITE = {
  'drover.yaml': 'name: undo\n',
  'hosts.yaml': 'hosts:\n  bench: { roles: [web] }\n',
  'roles/web/role.yaml': `${ROLE}  - file: /etc/systemd/system/other.service.d/site.conf
    content: "[Service]\\nEnvironment=SITE=ours\\n"
  - file: /srv/app/conf
    content: "ours\\n"
  - service: app.service
    restart_on: file:/srv/app/conf
`,
}
const APP = `[Service]
ExecStart=/bin/sleep infinity
`

t.test('a run is undone', { skip: bedReason() ?? false }, async (t) => {
  const bed = await openBed(t)
  const host = await bed.host({ name: 'bench' })
  const master = await bedMaster(t)
  await prepare(host)
  await host.write('/etc/systemd/system/app.service', APP)
  await host.must(['systemctl', 'start', 'app.service'])
  await giveSite(host, master, t.testdir({ identity: {}, site: {} }), SITE)
  const first = await host.snapshot()
  const differences = async () =>
    formerDifferences(first, await host.snapshot()).filter(
      (line) => !/left-by-a-command|drover-agent|\/usr\/local\/bin\/drover/.test(line),
    )
  const invocation = () => host.must(['systemctl', 'show', '--value', '-p', 'InvocationID', 'app.service'])

  await installAgent(host)
  await host.must(['systemctl', 'start', 'drover-agent.service'])
  const rows = () => [...master.rows.values()]
  const changedMuch = ({ head }: Row) => (head.counts?.changed ?? 0) > 20
  await master.until(() => rows().some(changedMuch))
  const run = rows().find(changedMuch)?.head.run_id ?? ''
  const begun = await invocation()

  let orders = 0
  const undo = async (kind: 'RUN_KIND_CHECK' | 'RUN_KIND_APPLY', fingerprint = '') => {
    orders += 1
    const order = { request_id: `undo-${orders}`, kind, fingerprint, undo_run_id: run } as const
    const finished = await master.order({ ...order, catalog_sha256: master.catalog?.sha256 ?? '' })
    const row = master.rows.get(finished.run_id)
    if (row === undefined) throw new Error(`no run was made: ${finished.problem?.reason}`)
    const body = JSON.parse(row.body.toString()) as { outcomes: Outcome[]; undo: unknown }
    return { head: row.head, ...body }
  }
  const there = await host.snapshot()
  const shown = await undo('RUN_KIND_CHECK')
  t.same(formerDifferences(there, await host.snapshot()), [], 'a plan changes nothing')
  t.match(shown, { head: { trigger: 'RUN_TRIGGER_UNDO', problem: null }, undo: { runId: run, whole: true } })
  t.match(
    shown.outcomes.flatMap(({ id, stays }) => (stays === undefined ? [] : [`${id}: ${stays}`])),
    [/^command:touch .*what it did can not be taken back$/],
  )
  const planned = shown.outcomes.filter(({ status }) => status === 'planned')
  t.match(planned.at(-1), { id: 'service:app.service', changes: [{ field: 'restart' }] })

  const back = shown.outcomes.filter(({ leaves }) => leaves?.how === 'undo')
  const pauses: ResourcePause[] = back.map(({ id }) => ({
    ...{ resource: id, since: Date.now(), until: Date.now() + 3_600_000 },
    ...{ reason: 'a run was undone', by: 'a test', at_end: 'PAUSE_END_SHOW' },
  }))
  master.say({ mode: { ...master.mode, resources: pauses } })
  const undone = await undo('RUN_KIND_APPLY', shown.head.fingerprint)
  t.same(
    undone.outcomes.filter(({ status }) => status !== 'changed' && status !== 'settled'),
    [],
  )
  t.same(
    undone.outcomes.filter(({ status }) => status === 'changed').map(({ id }) => id),
    planned.map(({ id }) => id),
  )
  t.same(await differences(), [], 'the host is as the run found it')
  t.not(await invocation(), begun, 'what the run restarted is restarted')
  t.equal(await host.must(['systemctl', 'is-active', 'other']), 'active\n')

  // A look at all, after all that was heard meanwhile.
  const look = { request_id: 'look', kind: 'RUN_KIND_APPLY', fingerprint: '', undo_run_id: '' } as const
  const { run_id } = await master.order({ ...look, catalog_sha256: master.catalog?.sha256 ?? '' })
  t.match(master.rows.get(run_id)?.head.counts, { changed: 0, failed: 0 }, 'and stays so')
  t.same(await differences(), [])

  const before = rows().length
  master.say({ mode: master.mode })
  await master.until(() => rows().slice(before).some(changedMuch))
  t.equal(await host.read('/srv/app/conf'), 'ours\n', 'until it is enforced again')
  await host.must(['systemctl', 'stop', 'drover-agent.service'])
})
