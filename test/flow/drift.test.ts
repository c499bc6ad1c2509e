import { setTimeout as after } from 'node:timers/promises'
import t from 'tap'
import type { Outcome } from '../../lib/outcome.ts'
import { openWorld } from '../helpers/master-world.ts'
import { changed, planned } from '../helpers/rows.ts'
import { runCli } from '../helpers/run-cli.ts'
import { openHost } from '../helpers/told-host.ts'

const MOTD = 'file:/etc/motd'
const repaired = (id: string, latencyMs: number) => ({ ...changed(id), latencyMs }) as Outcome
const DRIFT = { kind: 'APPLY', trigger: 'RUN_TRIGGER_DRIFT' } as const

t.test('how fast drift was put right is told by doctor, and to Prometheus', async (t) => {
  const world = await openWorld(t)
  const host = await openHost(world, 'a')
  const drover = (...words: string[]) => runCli([...words, '--socket', world.settings.socket])
  const metrics = async () => (await fetch(`http://${world.master.metrics}/metrics`)).text()

  t.notMatch((await drover('doctor')).out, /PUT RIGHT/)
  t.match(await metrics(), /^drover_hosts_connected 1\n/m)
  const catalog = await host.nextCatalog()
  const run = await host.tell(catalog, { ...DRIFT, at: Date.now(), outcomes: [repaired(MOTD, 120)] })
  for (const ms of [90, 140, 2600])
    await host.tell(catalog, { ...DRIFT, at: Date.now(), outcomes: [repaired(MOTD, ms)] })
  await host.tell(catalog, { ...DRIFT, at: Date.now() - 2 * 86_400_000, outcomes: [repaired(MOTD, 70)] })
  await host.tell(catalog, { ...DRIFT, at: Date.now(), outcomes: [repaired('nothing:of/the/site', 1)] })
  await host.tell(catalog, { kind: 'APPLY', at: Date.now(), outcomes: [changed(MOTD)], unchanged_runs: 3 })

  const { out } = await drover('doctor')
  t.match(out, /PUT RIGHT, LAST 24 H {2}NUMBER {2}HALF WITHIN {2}99 % WITHIN\nfile +4 +150 ms +5.0 s\n/)
  t.match(JSON.parse((await drover('doctor', '--json')).out).repairs, [
    { type: 'file', repairs: 4, p50Ms: 150, p99Ms: 5000 },
  ])
  t.match((await drover('run', run)).out, /repaired +120 ms after it was heard of\n/)
  const text = await metrics()
  for (const line of [
    '# TYPE drover_repair_seconds histogram',
    'drover_repair_seconds_bucket{type="file",le="0.1"} 2',
    'drover_repair_seconds_bucket{type="file",le="0.15"} 4',
    'drover_repair_seconds_bucket{type="file",le="+Inf"} 5',
    'drover_repair_seconds_sum{type="file"} 3.02',
    'drover_repair_seconds_count{type="file"} 5',
    'drover_runs_total{kind="apply",trigger="drift",result="changed"} 6',
    'drover_runs_total{kind="apply",trigger="sweep",result="settled"} 3',
    'drover_reports_total 7',
  ])
    t.ok(text.includes(`\n${line}\n`), line)
  t.match(text, /\ndrover_compile_seconds_count [1-9]/)
  for (const line of text.trimEnd().split('\n'))
    t.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [\d.e+-]+)$/)
  t.notMatch(text, /nothing/, 'what no catalog declares is no type')
  t.equal((await fetch(`http://${world.master.http}/metrics`)).status, 404, 'nowhere but where it was said')
})

t.test('what an agent watches is shown while it is there', async (t) => {
  const world = await openWorld(t)
  const host = await openHost(world, 'a')
  const show = async (...words: string[]) =>
    (await runCli(['show', 'a', ...words, '--socket', world.settings.socket])).out
  t.notMatch(await show(), /watching/)
  const types = [
    { type: 'file', heard: 500, polled: 0, swept: 0 },
    { type: '\u001b[31msysctl', heard: 0, polled: 2, swept: 0 },
    { type: 'command', heard: 1, polled: 0, swept: 3 },
  ]
  host.say({ watching: { heard: 501, polled: 2, swept: 3, directories: 41, deaf: 1, types } })
  while (!/watching/.test(await show())) await after(10)
  t.match(
    await show('-o', 'wide'),
    /watching +503 resources in 41 directories; 2 of them polled; 3 by the sweep alone; 1 deaf/,
  )
  t.match(
    await show('-o', 'wide'),
    /TYPE +HEARD +POLLED +SWEEP ALONE\n +\\u\{1b\}\[31msysctl +2\n +command +1 +3\n/,
  )
  t.match(JSON.parse(await show('--json')).watching, { heard: 501, types: { length: 3 } })
  host.leave()
  while (/watching/.test(await show())) await after(10)
})

t.test('what is known of the time before a drift is shown with it, and obeyed by no terminal', async (t) => {
  const world = await openWorld(t)
  const host = await openHost(world, 'a')
  const drover = async (...words: string[]) =>
    (await runCli([...words, '--socket', world.settings.socket])).out
  const catalog = await host.nextCatalog()
  const at = Date.now() - 5000
  const evidence = [
    { at, kind: 'sudo', text: 'sudo by anna on pts/0 in / ran /usr/bin/vim' },
    { at, kind: 'package', text: 'package \u001b[31mnginx installed (1.22)' },
  ]
  const run = await host.tell(catalog, { ...DRIFT, at, outcomes: [repaired(MOTD, 120)], evidence })
  await host.tell(catalog, { ...DRIFT, kind: 'CHECK', at: at + 1, outcomes: [planned(MOTD)], evidence })
  const line =
    /around then: sudo by anna on pts\/0 in \/ ran \/usr\/bin\/vim; package \\u\{1b\}\[31mnginx installed \(1\.22\)\n/
  for (const words of [['history', 'a'], ['history', 'a', '-o', 'wide'], ['drift']])
    t.match(await drover(...words), line)
  t.match(await drover('run', run), /Around then\n {2}\S+Z {2}sudo by anna .*\n {2}\S+Z {2}package /)
  const told = [{ at: new Date(at).toISOString(), kind: 'sudo', text: /anna/ }, { kind: 'package' }]
  t.match(JSON.parse(await drover('history', 'a', '--json')).changes[0].evidence, told)
  t.match(JSON.parse(await drover('drift', '--json')).drift[0].evidence, told)
  t.match(JSON.parse(await drover('run', run, '--json')).evidence, told)
})
