import t from 'tap'
import { EXIT } from '../../cli/exit.ts'
import type { RunResult } from '../../lib/outcome.ts'
import { bedReason, type Host, openBed } from '../bed/bed.ts'

const SITE = '/srv/site'
const PLACE = '/srv/t/in'
const FILE = `${PLACE}/x`
const FILES = [...'abcdefgh']

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
    reason: /^the file system at \/srv\/t\/in is read-only$/,
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
    await t.test('a read-only file system is one failure, of the first file that meets it', async (t) => {
      const many = '/srv/many'
      await host.must([
        'sh',
        '-c',
        `mkdir ${many} && mount -t tmpfs tmpfs ${many} && mount -o remount,ro ${many}`,
      ])
      const role = (text: string) => host.write(`${SITE}/roles/test/role.yaml`, text)
      const beside = '  - { file: /srv/beside, content: x }\n'
      await role(`resources:\n  - { file: [${FILES.map((n) => `${many}/${n}`)}], content: x }\n${beside}`)
      const { outcomes } = await drover(host, 'apply', '--yes')
      const [first, ...others] = FILES.map((n) => outcomes.find(({ id }) => id === `file:${many}/${n}`))
      t.match(first, {
        status: 'failed',
        code: 'unavailable',
        reason: /at \/srv\/many is read-only/,
        hint: /findmnt/,
      })
      for (const other of others) t.match(other, { status: 'skipped', because: first?.id })
      t.match(outcomes.at(-1), { id: 'file:/srv/beside', status: 'changed' }, 'all else goes on')
      await host.must(['umount', many])
      const again = (await drover(host, 'apply', '--yes')).outcomes
      t.equal(
        again.filter(({ status }) => status === 'changed').length,
        FILES.length,
        'and then it is mended',
      )
    })
    await t.test(
      'a state folder that is full or read-only is one failure, and nothing is changed',
      async (t) => {
        const state = '/var/lib/drover'
        for (const [by, exit, reason] of [
          [`head -c 1M /dev/zero > ${state}/fill 2>/dev/null; true`, EXIT.resourceFailed, /ENOSPC/],
          [`mount -o remount,ro ${state}`, EXIT.failed, /EROFS/],
        ] as const) {
          await host.must([
            'sh',
            '-c',
            `mount -t tmpfs -o size=64k tmpfs ${state} && { ${by}; }; echo old > /srv/beside`,
          ])
          const { code, stdout, stderr } = await host.exec([
            'drover',
            'local',
            'apply',
            SITE,
            '--host',
            'h',
            '--yes',
          ])
          t.equal(code, exit)
          t.match(stdout + stderr, reason)
          t.match(stdout + stderr, /df -h|findmnt/, 'what to look at is said')
          t.equal(await host.read('/srv/beside'), 'old\n')
          await host.must(['umount', state])
          t.match((await drover(host, 'apply', '--yes')).outcomes.at(-1), { status: 'changed' })
        }
      },
    )
    await t.test('then it is written', async (t) => {
      await host.write(`${SITE}/roles/test/role.yaml`, `resources:\n  - file: ${FILE}\n    source: new\n`)
      await host.must(['sh', '-c', `rm -rf /srv/t && mkdir -p ${PLACE}`])
      t.match((await drover(host, 'apply', '--yes')).outcomes, [{ status: 'changed' }])
    })
  },
)

async function drover(host: Host, ...verb: string[]): Promise<RunResult> {
  const argv = ['drover', 'local', ...verb, SITE, '--host', 'h', '--output', 'json']
  return JSON.parse((await host.exec(argv)).stdout)
}
