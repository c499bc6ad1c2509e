import { hostTest, settled } from './harness.ts'

const COUNT = '/srv/count'

hostTest('command', {
  role: `
description: Commands with every kind of guard.
resources:
  - directory: /srv
  - directory: /srv/app
    owner: games
    group: games
  - file: /srv/app/input
    content: "b\\na\\n"
  - command: touch /srv/created
    creates: /srv/created
  - command: rm /srv/removed
    removes: /srv/removed
  - command: mark by unless
    argv: [cp, /etc/hostname, /srv/by unless]
    unless: [cmp, --silent, /etc/hostname, /srv/by unless]
  - command: rm /srv/only
    only_if: test -e /srv/only
  - command: once
    argv: [sh, -c, "echo once >>${COUNT}"]
    restart_on: file:/srv/app/input
  - command: triggered
    argv: [sh, -c, "echo triggered >>${COUNT}"]
    triggered: true
    restart_on: file:/srv/app/input
  - command: sort it
    pipe: [[cat, input], [sort], [tee, sorted]]
    cwd: /srv/app
    user: games
    creates: /srv/app/sorted
  - command: with input
    argv: [sh, -c, 'read line; echo "$line $WHO $HOME"; umask; id -un; pwd; exit 3', sh]
    stdin: "hello\\n"
    env: { WHO: world }
    user: games
    cwd: /srv/app
    exit_codes: [0, 3]
  - command: yes to nobody
    pipe: [[yes], [head, "-1"]]
`,
  before: async (host) => {
    await host.must(['touch', '/srv/removed', '/srv/only'])
  },
  look: async (host, t) => {
    for (const gone of ['removed', 'only']) t.not((await host.exec(['test', '-e', `/srv/${gone}`])).code, 0)
    t.equal(await host.must(['stat', '-c', '%U %a', '/srv/app/sorted']), 'games 644\n')
    t.equal(await host.read('/srv/app/sorted'), 'a\nb\n')
    t.equal(await host.read(COUNT), 'once\ntriggered\n')
  },
  // What a command did stays.
  remains: null,
  hurts: [
    {
      id: 'command:touch /srv/created',
      field: 'done',
      hurt: (host) => host.hurt.remove('/srv/created'),
      look: (host) => host.must(['test', '-e', '/srv/created']),
    },
    { id: 'command:rm /srv/removed', field: 'done', hurt: (host) => host.write('/srv/removed', '') },
    { id: 'command:rm /srv/only', field: 'done', hurt: (host) => host.write('/srv/only', '') },
    { id: 'command:mark by unless', field: 'done', hurt: (host) => host.hurt.append('/srv/by unless') },
    { id: 'command:sort it', field: 'done', hurt: (host) => host.hurt.remove('/srv/app/sorted') },
  ],
  after: async ({ host, role, check, apply }, t) => {
    await t.test('what it depends on changes: it runs again, once', async (t) => {
      await host.hurt.append('/srv/app/input', 'c\n')
      const { outcomes } = await apply()
      t.same(
        outcomes.filter(({ status }) => status !== 'settled').map(({ id, status }) => `${status} ${id}`),
        ['changed file:/srv/app/input', 'changed command:once', 'changed command:triggered'],
      )
      t.equal(await host.read(COUNT), 'once\ntriggered\nonce\ntriggered\n')
      settled(t, await apply())
    })

    const alone = async (resource: string) => {
      await role(`description: x\nresources:\n${resource}`)
      const [shown] = (await check()).outcomes
      const [done] = (await apply()).outcomes
      return { shown, done }
    }

    await t.test('a command that does not do what its guard looks for has failed', async (t) => {
      const { done } = await alone('  - command: "true"\n    creates: /srv/never\n')
      t.match(done, { status: 'failed', reason: /still differs/, left: [{ field: 'done' }] })
    })

    await t.test('the stage that failed is named', async (t) => {
      const { shown, done } = await alone(
        '  - command: broken\n    pipe: [[echo, x], [sh, -c, "cat >/dev/null; echo oh no >&2; exit 7"], [cat]]\n',
      )
      t.equal(shown?.status, 'planned')
      t.match(done, { status: 'failed', reason: /"sh -c .*exited 7.*oh no/s, ended: { code: 7 } })
      t.match((await check()).outcomes, [{ status: 'planned' }], 'and it is not remembered as run')
    })

    await t.test('a program that is not there is said by the check as by the apply', async (t) => {
      const { shown, done } = await alone('  - command: no-such-program now\n')
      for (const outcome of [shown, done])
        t.match(outcome, { status: 'failed', code: 'not-found', reason: /no program no-such-program/ })
      const guard = await alone('  - command: "true"\n    unless: no-such-guard\n')
      t.match(guard.done, { status: 'failed', code: 'not-found', reason: /guard "no-such-guard"/ })
    })

    await t.test('what another resource brings is not known before', async (t) => {
      const { shown, done } = await alone(
        `  - command: make the tool
    argv: [install, -m, "755", /bin/true, /usr/local/bin/brought]
    creates: /usr/local/bin/brought
  - command: brought now
    unless: brought
`,
      )
      t.match(shown, { status: 'planned' })
      t.match(done, { status: 'changed' })
      await host.hurt.remove('/usr/local/bin/brought')
      const { outcomes } = await check()
      t.match(outcomes[1], {
        status: 'planned',
        after: ['command:make the tool'],
        unknown: /has no program brought/,
        steps: [],
      })
      t.match((await apply()).outcomes, [{ status: 'changed' }, { status: 'settled' }])
    })

    await t.test('a guard that a file of the same plan may change is open until then', async (t) => {
      await role(
        'description: x\nresources:\n  - file: /srv/x\n    content: x\n  - command: "true"\n    unless: test -e /srv/x\n',
      )
      const { outcomes } = await check()
      t.match(outcomes[1], { status: 'planned', after: ['file:/srv/x'] })
      t.match((await apply()).outcomes, [{ status: 'changed' }, { status: 'settled' }])
    })

    await t.test('a deadline ends what it left in the background too', async (t) => {
      const { done } = await alone(
        '  - command: hang\n    argv: [sh, -c, "setsid sleep 4242 & sleep 4242"]\n    timeout: 1s\n',
      )
      t.match(done, { status: 'failed', code: 'timeout', ended: { timedOut: true } })
      t.not((await host.exec(['pgrep', '-f', 'sleep 4242'])).code, 0, 'nothing of it is left')
    })
  },
})
