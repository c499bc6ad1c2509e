import t from 'tap'
import type { RunResult } from '../../lib/outcome.ts'
import { bedReason, type Host, openBed } from '../bed/bed.ts'

const SITE = '/srv/site'
const PLACE = '/srv/t/in'
const FILE = `${PLACE}/x`

type Hurdle = {
  readonly name: string
  /** Puts the hurdle there; the file may be there already, and holds "old". */
  readonly by: string
  /** Takes it away. */
  readonly undo?: string
  readonly reason: RegExp
  /** A check says it as well: nothing but the kernel itself can know of a full disk. */
  readonly foreseen: boolean
}

const tmpfs = (options: string) => `mount -t tmpfs -o ${options} tmpfs ${PLACE} && printf old > ${FILE}`
const HURDLES: readonly Hurdle[] = [
  {
    name: 'a full disk',
    by: `${tmpfs('size=64k')}; head -c 61440 /dev/zero > ${PLACE}/fill`,
    undo: `umount ${PLACE}`,
    reason: /^ENOSPC: no space left on device, write$/,
    foreseen: false,
  },
  {
    name: 'no inode left',
    by: `${tmpfs('nr_inodes=4')}; touch ${PLACE}/a ${PLACE}/b`,
    undo: `umount ${PLACE}`,
    reason: /^ENOSPC: no space left on device, open$/,
    foreseen: false,
  },
  {
    name: 'a read-only mount',
    by: `${tmpfs('size=64k')}; mount -o remount,ro ${PLACE}`,
    undo: `umount ${PLACE}`,
    reason: /^EROFS: read-only file system, open$/,
    foreseen: false,
  },
  {
    name: 'an immutable file',
    by: `printf old > ${FILE}; chattr +i ${FILE}`,
    undo: `chattr -i ${FILE}`,
    reason: /^EPERM: operation not permitted, rename$/,
    foreseen: false,
  },
  {
    name: 'a directory that anybody may write to',
    by: `printf old > ${FILE}; chmod 0777 ${PLACE}`,
    reason: /in which anybody may rename files/,
    foreseen: true,
  },
  {
    name: "a link of another user's",
    by: `rmdir ${PLACE}; mkdir /srv/t/there; printf old > /srv/t/there/x; ln -s there ${PLACE}; chown -h nobody ${PLACE}`,
    reason: /a link that others than root can change/,
    foreseen: true,
  },
]

t.test(
  'a hurdle leaves the old file whole, and says what it is',
  { skip: bedReason() ?? false, timeout: 300_000 },
  async (t) => {
    const bed = await openBed(t)
    const host = await bed.host()
    await host.write(`${SITE}/drover.yaml`, 'name: test\n')
    await host.write(`${SITE}/hosts.yaml`, 'hosts:\n  h: { roles: [test] }\n')
    // Larger than what the full disk has left.
    await host.write(`${SITE}/roles/test/role.yaml`, `resources:\n  - file: ${FILE}\n    source: new\n`)
    await host.write(`${SITE}/roles/test/files/new`, 'x'.repeat(30_000))
    for (const { name, by, undo, reason, foreseen } of HURDLES) {
      await t.test(name, async (t) => {
        await host.must(['sh', '-c', `rm -rf /srv/t && mkdir -p ${PLACE} && { ${by}; }`])
        const shown = await drover(host, 'plan')
        if (foreseen) t.match(shown.outcomes, [{ status: 'failed', reason }])
        else t.match(shown.outcomes, [{ status: 'planned', after: [] }])
        t.match((await drover(host, 'apply', '--yes')).outcomes, [{ status: 'failed', reason }])
        t.equal(await host.read(FILE), 'old')
        t.equal(
          await host.must(['find', '/srv/t/', '-name', '.drover-*']),
          '',
          'nothing half-written is left',
        )
        if (undo !== undefined) await host.must(['sh', '-c', undo])
      })
    }
    await t.test('then it is written', async (t) => {
      await host.must(['sh', '-c', `rm -rf /srv/t && mkdir -p ${PLACE}`])
      t.match((await drover(host, 'apply', '--yes')).outcomes, [{ status: 'changed' }])
    })
  },
)

async function drover(host: Host, ...verb: string[]): Promise<RunResult> {
  const argv = ['drover', 'local', ...verb, SITE, '--host', 'h', '--output', 'json']
  return JSON.parse((await host.exec(argv)).stdout)
}
