import { waitFor } from '../bed/wait.ts'
import { hostTest } from './harness.ts'

const MARK = '/etc/cron.d/mark'
const OUT = '/var/tmp/mark.out'
/** cron looks at the clock once a minute. */
const MAX_WAIT_MS = 100_000

hostTest('cron', {
  role: `
description: Jobs.
resources:
  - directory: /etc/cron.d
    purge: true
    keep: [e2scrub_all, .placeholder]
  - cron: mark
    schedule: "* * * * *"
    user: daemon
    command: (date +%Y; cat; id -un; echo "$WHAT$Q$S") > ${OUT}
    stdin: |-
      one
      50%
    env: { WHAT: " a 'b'", Q: '"', S: "'x", MAILTO: "" }
    comment: proves that cron runs it
  - cron: asleep
    schedule: "@reboot"
    command: touch /var/tmp/asleep
    disabled: true
    mode: "0600"
  - cron: old
    absent: true
`,
  before: (host) => host.write('/etc/cron.d/old', '* * * * * root true\n'),
  look: async (host, t) => {
    t.equal(await host.must(['stat', '-c', '%a %U %G %h', MARK]), '644 root root 1\n')
    const year = (await host.must(['date', '+%Y'])).trim()
    const read = async () => {
      const { code, stdout } = await host.exec(['cat', OUT])
      return code === 0 && stdout.split('\n').length > 4 ? stdout : null
    }
    const ran = await waitFor(read, { timeoutMs: MAX_WAIT_MS, everyMs: 500 })
    t.equal(ran, `${year}\none\n50%\ndaemon\n a 'b'"'x\n`, 'cron has run it as it was meant')
    t.notMatch(await host.must(['ls', '/etc/cron.d']), /old/)
    t.not((await host.exec(['test', '-e', '/var/tmp/asleep'])).code, 0)
  },
  hurts: [
    ...[
      ['schedule', 's/^[*] [*]/5 */'],
      ['user', 's/ daemon / root /'],
      ['command', 's/id -un/id/'],
      ['stdin', 's/%one/%two/'],
      ['env', 's/^WHAT=.*/WHAT=x/'],
      ['comment', 's/^# proves/# shows/'],
      ['disabled', 's/^[*]/#disabled: */'],
      ['other', '$a * * * * root touch /var/tmp/evil'],
    ].map(([field = '', script = '']) => ({
      id: 'cron:mark' as const,
      field,
      hurt: (host: { must(argv: string[]): Promise<string> }) => host.must(['sed', '-i', script, MARK]),
    })),
    { id: 'cron:mark', field: 'mode', hurt: (host) => host.hurt.chmod(MARK, '0666') },
    { id: 'cron:mark', field: 'owner', hurt: (host) => host.must(['chown', 'daemon', MARK]) },
    { id: 'cron:mark', field: 'exists', hurt: (host) => host.hurt.remove(MARK) },
    {
      id: 'directory:/etc/cron.d',
      field: 'undeclared',
      hurt: (host) => host.write('/etc/cron.d/stray', '* * * * * root true\n'),
      look: async (host, t) =>
        t.same((await host.must(['ls', '/etc/cron.d'])).trim().split('\n'), [
          'asleep',
          'e2scrub_all',
          'mark',
        ]),
    },
  ],
  after: async ({ host, role, check, apply }, t) => {
    await host.hurt.remove(MARK)
    await host.must(['ln', '-s', '/etc/crontab', MARK])
    await apply()
    t.match(await host.read('/etc/crontab'), /run-parts/, 'a link is replaced, not followed')
    t.match(await host.read(MARK), /id -un/)

    const job = '  - cron: app\n    schedule: "@daily"\n    command: "true"\n    user: app\n'
    await role(`description: x\nresources:\n${job}`)
    t.match((await check()).outcomes[0], { status: 'failed', code: 'not-found', reason: /user "app"/ })
    await role(`description: x\nresources:\n${job}  - user: app\n`)
    t.match((await check()).outcomes, [{ status: 'planned' }, { status: 'planned', after: [] }])
  },
})
