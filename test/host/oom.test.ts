import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { writeIdentity } from '../../agent/identity.ts'
import { MAX_CATALOG_BYTES } from '../../lib/limits.ts'
import { compile } from '../../master/compile/compile.ts'
import { readSite } from '../../master/site/read.ts'
import { SAMPLE_FACTS } from '../../master/site/sample-facts.ts'
import { states } from '../../states/index.ts'
import { bedReason, type Host, openBed } from '../bed/bed.ts'
import { waitFor } from '../bed/wait.ts'
import { installAgent } from '../helpers/fleet.ts'
import { bedMaster } from '../helpers/give-work.ts'
import type { SmallMaster } from '../helpers/small-master.ts'
import { writeSite } from '../master/write-site.ts'

/**
 * An agent with 256 MB and a catalog that is as large as it may be works, and one that the kernel kills for want of
 * memory in the middle of an apply goes on where it was.
 *
 * systemd of a host has no memory controller where the machine keeps that in the older tree of cgroups, so that
 * `MemoryMax` would do nothing: the limit is a cgroup of the machine, which the unit enters before it becomes the agent.
 */
const LIMIT_MS = 240_000
const MAX_MEMORY = 256 * 1024 * 1024
const MEMORY = '/sys/fs/cgroup/memory'
const ENTER = '/opt/memory/cgroup.procs'
const AGENT =
  'exec /usr/local/bin/node --max-semi-space-size=1 --max-old-space-size=96 --lite-mode /opt/drover/dist/bundle/drover.js agent'
const DROP_IN = `[Service]
ExecStart=
ExecStart=/bin/sh -c 'echo 0 > ${ENTER} && ${AGENT}'
RestartSec=1
# The kernel takes it before any other, whatever that has.
OOMScoreAdjust=1000
`
const UNIT = 'drover-agent.service'
const FILES = '/srv/many'
const LONG = 'x'.repeat(200)

const roleOf = (files: number, text: string) => `resources:
  - directory: ${FILES}
  - for_each: range(${files})
    as: n
    file: "${FILES}/{{ n }}-${LONG}"
    content: "${text}\\n"
    restarts: service:counted.service
  - file: /etc/systemd/system/counted.service
    content: |
      [Service]
      Type=oneshot
      RemainAfterExit=yes
      ExecStart=/bin/sh -c 'cat ${FILES}/0-* >> /var/lib/counted'
      [Install]
      WantedBy=multi-user.target
  - service: counted.service
`

const hasMemory = existsSync(join(MEMORY, 'memory.limit_in_bytes'))
const skip = bedReason() ?? (hasMemory ? false : `${MEMORY} has no memory controller of the older kind`)

t.test('an agent that is short of memory', { skip, timeout: 590_000 }, async (t) => {
  const cgroup = join(MEMORY, `drover-bed-${process.pid}`)
  mkdirSync(cgroup)
  t.teardown(() => rmdirSync(cgroup))
  writeFileSync(join(cgroup, 'memory.limit_in_bytes'), String(MAX_MEMORY))
  const kills = () =>
    Number(/oom_kill (\d+)/.exec(readFileSync(join(cgroup, 'memory.oom_control'), 'utf8'))?.[1])
  const bed = await openBed(t)
  const host = await bed.host({ name: 'h', binds: [{ from: cgroup, to: '/opt/memory', readOnly: false }] })
  const master = await bedMaster(t)
  await letIn(t, host, master)
  await installAgent(host)
  await host.write(`/etc/systemd/system/${UNIT}.d/memory.conf`, DROP_IN)
  await host.must(['systemctl', 'daemon-reload'])

  const show = async (property: string) =>
    (await host.must(['systemctl', 'show', '--value', '--property', property, UNIT])).trim()
  const starts = async () => (await host.read('/var/lib/counted')).trimEnd().split('\n')
  const until = async (what: string, holds: () => Promise<boolean> | boolean) => {
    const held = await waitFor(async () => (await holds()) || null, { timeoutMs: LIMIT_MS, everyMs: 20 })
    if (held === null) throw new Error(`not within ${LIMIT_MS} ms: ${what}`)
  }
  const sumOf = (rows: SmallMaster['rows']) =>
    [...rows.values()].reduce((sum, { head }) => sum + (head.counts?.changed ?? 0), 0)
  const files = await declareLargest(t, master, 'one')
  const resources = files + 3

  await t.test('applies the largest catalog', async (t) => {
    await host.must(['systemctl', 'start', UNIT])
    await until('it is applied and told', () => sumOf(master.rows) > 0)
    const [row] = master.rows.values()
    t.match(row?.head, { counts: { changed: resources, failed: 0 }, problem: null })
    t.equal(kills(), 0)
    const most = Number(readFileSync(join(cgroup, 'memory.max_usage_in_bytes'), 'utf8'))
    t.comment(
      `${files} files; ${Math.round(most / 1e6)} MB at most, with what the kernel keeps of files; ${row?.head.duration_ms} ms`,
    )
    t.same(await starts(), ['one'])
    t.equal(await show('NRestarts'), '0')
  })

  await t.test('killed in the middle of an apply, it goes on where it was', async (t) => {
    await declareLargest(t, master, 'two')
    master.rows.clear()
    const pid = await show('MainPID')
    const isNew = (n: number) => readFileSync(join(host.root, FILES, `${n}-${LONG}`), 'utf8') === 'two\n'
    await until('it is in the middle', () => isNew(100))
    await takeMemory(host, pid)
    await until('it is started anew', async () => (await show('MainPID')) !== pid)
    t.ok(kills() > 0, 'the kernel killed it')
    t.notOk(isNew(files - 1), 'before its end')
    await until('all is told', () => [...master.rows.values()].some(({ head }) => head.problem === null))
    for (let n = 0; n < files; n += 1) if (!isNew(n)) t.fail(`file ${n} is old`)
    t.same(await starts(), ['one', 'two'], 'the restart that was owed came once')
    const rows = [...master.rows.values()]
    t.same(
      rows.map(({ times }) => times),
      rows.map(() => 1),
      'each run is told once',
    )
    t.equal(rows.filter(({ head }) => head.problem?.reason.includes('ended in the middle')).length, 1)
    t.equal(await show('NRestarts'), '1')
  })
})

async function letIn(t: Test, host: Host, master: SmallMaster): Promise<void> {
  const { roots, client } = master.pki
  const dir = t.testdir({})
  writeIdentity(dir, {
    ...{ name: 'h', ...client, roots, generation: 1 },
    ...{ addresses: [master.address], enrollment: [], ageIdentity: null },
  })
  await host.must(['install', '-d', '-m', '0700', '/var/lib/drover', '/var/lib/drover/identity'])
  const identity = readFileSync(join(dir, 'identity'), 'utf8')
  await host.write('/var/lib/drover/identity/identity', identity, { mode: '0600' })
}

/** The catalog of as many files as one may have. */
async function declareLargest(t: Test, master: SmallMaster, text: string): Promise<number> {
  const made = async (files: number) => {
    const dir = t.testdir({})
    const { site } = await readSite(
      writeSite(join(dir, `${text}${files}`), {
        'drover.yaml': 'name: test\n',
        'hosts.yaml': 'hosts:\n  h: { roles: [many] }\n',
        'roles/many/role.yaml': roleOf(files, text),
      }),
    )
    const { catalog, blobs } = await compile(site, 'h', SAMPLE_FACTS, { states })
    if (catalog === null) throw new Error('it does not compile')
    return { catalog, blobs, bytes: JSON.stringify(catalog).length }
  }
  const [few, more] = [await made(100), await made(200)]
  const each = (more.bytes - few.bytes) / 100
  const files = Math.floor((MAX_CATALOG_BYTES * 0.98 - few.bytes) / each) + 100
  const { catalog, blobs, bytes } = await made(files)
  t.ok(bytes > MAX_CATALOG_BYTES * 0.95 && bytes <= MAX_CATALOG_BYTES, `${bytes} bytes`)
  for (const [digest, content] of blobs) master.blobs.set(digest, content)
  master.declare(catalog)
  return files
}

/** Another process takes what the agent may have, until the agent is gone. */
async function takeMemory(host: Host, pid: string): Promise<void> {
  const script = `const held = [], turn = new Int32Array(new SharedArrayBuffer(4))
for (;;) {
  try { process.kill(${pid}, 0) } catch { break }
  held.push(Buffer.alloc(4194304, 1))
  Atomics.wait(turn, 0, 0, 5)
}`
  // Which may be its own end too.
  await host.exec(['sh', '-c', `echo 0 > ${ENTER} && exec node -e "$0"`, script])
}
