import t from 'tap'
import { bedReason, openBed } from '../bed/bed.ts'
import { waitFor } from '../bed/wait.ts'
import { installAgent, letIn, openFleet } from '../helpers/fleet.ts'
import { writeSite } from '../master/write-site.ts'

const UNIT = 'drover-agent.service'
const LIMIT_MS = 120_000
const SHIFT = '/etc/shift'
const TEXT = 'as it should be\n'

type HostLine = { readonly name: string; readonly connected: boolean }
type RunLine = { readonly trigger: string; readonly summary: { readonly changed: number } | null }

// The clock of the agent alone is moved: that of the machine is shared with all else that runs on it.
t.test('an agent whose clock is wrong', { skip: bedReason() ?? false, timeout: 600_000 }, async (t) => {
  const site = t.testdir()
  writeSite(site, {
    'hosts.yaml': 'hosts:\n  h: { roles: [web] }\n',
    'roles/web/role.yaml': `resources:\n  - file: /etc/kept\n    content: "${TEXT.trimEnd()}\\n"\n`,
  })
  const bed = await openBed(t)
  const host = await bed.host({ name: 'h' })
  const fleet = await openFleet(undefined, site)
  t.teardown(() => fleet.close())
  await host.must(['apt-get', 'install', '-y', '-q', 'libfaketime'], { timeoutMs: LIMIT_MS })
  const library = /\S+libfaketimeMT\.so\.1/.exec(await host.must(['dpkg', '-L', 'libfaketime']))?.[0]
  await installAgent(host)
  await host.write(SHIFT, '+0\n')
  await host.write(
    `/etc/systemd/system/${UNIT}.d/clock.conf`,
    `[Service]
Environment=LD_PRELOAD=${library} FAKETIME_TIMESTAMP_FILE=${SHIFT} FAKETIME_CACHE_DURATION=1
Environment=FAKETIME_DONT_FAKE_MONOTONIC=1
`,
  )
  await host.must(['systemctl', 'daemon-reload'])
  await letIn(fleet, host)

  const asked = async (...words: string[]) => JSON.parse((await fleet.drover([...words, '--json'])).stdout)
  const until = async (what: string, holds: () => Promise<boolean>) => {
    const held = await waitFor(async () => (await holds()) || null, { timeoutMs: LIMIT_MS, everyMs: 250 })
    if (held === null) throw new Error(`not within ${LIMIT_MS} ms: ${what}`)
  }
  const isConnected = async () =>
    ((await asked('hosts')) as { hosts: HostLine[] }).hosts.some((one) => one.name === 'h' && one.connected)
  const repairs = async () =>
    ((await asked('runs', 'h')) as { runs: RunLine[] }).runs.filter(({ summary }) => summary?.changed).length
  const logSince = (cursor: string) =>
    host.must(['journalctl', '-u', UNIT, '--no-pager', '-o', 'cat', `--after-cursor=${cursor}`])
  const cursor = async () =>
    /-- cursor: (\S+)/.exec(await host.must(['journalctl', '-n', '1', '--show-cursor']))?.[1] ?? ''
  const restarts = async () =>
    (await host.must(['systemctl', 'show', '--value', '-p', 'NRestarts', UNIT])).trim()

  await until('its first run is reported', async () => (await repairs()) === 1)
  let told = 1
  for (const { shift, matter } of [
    { shift: '-10y', matter: /certificate is not yet valid/ },
    { shift: '+10y', matter: /certificate has expired/ },
  ]) {
    await t.test(
      `by ${shift} keeps its host, and its report comes once when it is right again`,
      async (t) => {
        const from = await cursor()
        await host.must(['systemctl', 'stop', UNIT])
        await host.write(SHIFT, `${shift}\n`)
        await host.write('/etc/kept', 'broken by hand\n')
        await host.must(['systemctl', 'start', UNIT])
        await until('it repairs', async () => (await host.read('/etc/kept')) === TEXT)
        await until('it says what is the matter', async () => matter.test(await logSince(from)))
        await until('the master is not there for it', async () => !(await isConnected()))
        await host.write(SHIFT, '+0\n')
        await until('it is back by itself', isConnected)
        told += 1
        await until('its report has come', async () => (await repairs()) >= told)
        t.equal(await repairs(), told, 'once')
        t.equal(await restarts(), '0', 'and it has never crashed')
        t.notMatch(await logSince(from), /report refused|fault of drover/)
      },
    )
  }

  await t.test('by an hour is let in, and doctor names it', async (t) => {
    // Within the time of all certificates, so that it is let in.
    await host.must(['systemctl', 'stop', UNIT])
    await host.write(SHIFT, '+1h\n')
    await host.must(['systemctl', 'start', UNIT])
    await until('it is back', isConnected)
    const { stdout } = await fleet.drover(['doctor'])
    t.match(stdout, /its clock is off by 3[56]\d\d s/)
  })
})
