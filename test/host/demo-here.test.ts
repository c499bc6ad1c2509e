import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { CHECKOUT } from '../bed/places.ts'
import { bedReason } from '../bed/reason.ts'
import { must, run } from '../bed/run.ts'

const NOBODY = 65534
const DEMO_TIMEOUT_MS = 400_000
// Where anybody may write; all else the kernel keeps from whoever is nobody.
const OPEN = ['/tmp', '/var/tmp', '/dev/shm', '/run/lock']

const skip = bedReason() ?? false

t.setTimeout(DEMO_TIMEOUT_MS)
t.test(
  'the demo of a machine that boots no hosts ends well and leaves nothing behind',
  { skip },
  async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'drover-nobody-'))
    t.teardown(() => rmSync(dir, { recursive: true }))
    chmodSync(dir, 0o755)
    const [checkout, temp] = [join(dir, 'checkout'), join(dir, 'temp')]
    for (const path of [checkout, temp]) mkdirSync(path)
    chownSync(temp, NOBODY, NOBODY)
    const before = await ofNobody()
    // The checkout may be in a folder that only root can enter.
    const shell = 'mount --bind "$1" "$2" && shift 2 && cd / && exec "$@"'
    const demo = await run(
      [
        ...['unshare', '--mount', 'sh', '-c', shell, 'sh', CHECKOUT, checkout],
        ...['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--no-new-privs'],
        // What tap would have a process of its test write down, nobody may.
        ...['env', '--unset=NODE_OPTIONS', process.execPath, join(checkout, 'dist/scripts/demo-here.js')],
      ],
      { timeoutMs: DEMO_TIMEOUT_MS, env: { TMPDIR: temp, HOME: temp } },
    )
    t.equal(demo.code, 0, demo.stderr)
    t.match(demo.stdout, /^Plan: 1 host: .*to add/m)
    t.match(demo.stdout, /Nothing was changed/)
    t.strictSame(readdirSync(temp), [])
    t.strictSame(
      (await ofNobody()).filter((path) => !before.includes(path) && path !== temp),
      [],
    )
  },
)

async function ofNobody(): Promise<string[]> {
  const found = await must(['find', ...OPEN, '-xdev', '-ignore_readdir_race', '-uid', String(NOBODY)])
  return found.split('\n').filter((path) => path !== '')
}
