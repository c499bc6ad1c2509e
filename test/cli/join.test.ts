import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { status } from '@grpc/grpc-js'
import t from 'tap'
import { readIdentity } from '../../agent/identity.ts'
import { parseJoinString } from '../../lib/join-string.ts'
import { cannedMaster } from '../helpers/canned-master.ts'
import { openWorld } from '../helpers/master-world.ts'
import { runCli } from '../helpers/run-cli.ts'

t.test('a host is invited and joins, each by one command', async (t) => {
  const world = await openWorld(t, { hosts: [] })
  const { socket } = world.settings
  const dir = join(world.settings.state, '..')
  const invited = await runCli(['invite', 'a', '--socket', socket])
  t.equal(invited.code, 0, invited.err)
  t.match(invited.err, /An invitation for a, until 2.*as root on a:/)
  const [line = '', ...more] = invited.out.split('\n')
  t.strictSame(more, [''], 'the join string stands alone, to be piped')
  const { seed, kind } = parseJoinString(line)
  t.equal(kind, 'host')

  const words = ['join', '--state', join(dir, 'state')]
  const joined = await runCli(words, { stdin: invited.out })
  t.equal(joined.code, 0, joined.err)
  t.match(joined.out, /^joined 127\.0\.0\.1:\d+, localhost:\d+ as a\n$/)
  t.match(joined.err, /the master is the one that the join string names/)
  t.match(joined.err, /systemctl enable --now drover-agent/)
  t.equal(readIdentity(join(dir, 'state', 'identity'))?.name, 'a')
  t.equal(statSync(join(dir, 'state', 'identity')).mode & 0o777, 0o700)
  const hosts = await runCli(['hosts', '--socket', socket, '--json'])
  t.match(JSON.parse(hosts.out).hosts, [
    { name: 'a', status: 'pending' },
    { name: 'b', status: 'absent' },
  ])

  t.test('what joined does not join again, and the invitation is spent', async (t) => {
    const again = await runCli(words, { stdin: invited.out })
    t.equal(again.code, 1)
    t.match(again.err, /joined already, as a/)
    const other = await runCli(['join', '--state', join(dir, 'other')], { stdin: invited.out })
    t.equal(other.code, 1)
    t.match(other.err, /error: a: this invitation was used already\nhint: ask for a new one/)
    const invite = await runCli(['invite', 'a', '--socket', socket])
    t.equal(invite.code, 1)
    t.match(invite.err, /drover invite a --replace/)
  })

  t.test('the seed is in no log, no file of the master and no message', async (t) => {
    const forms = [seed.reveal(), Buffer.from(seed.reveal(), 'base64url').toString('hex')]
    const raw = Buffer.from(seed.reveal(), 'base64url')
    const said = world.lines.join('\n') + joined.out + joined.err + hosts.out
    for (const form of forms) t.notOk(said.includes(form))
    for (const name of readdirSync(world.settings.state, { recursive: true, encoding: 'utf8' })) {
      const path = join(world.settings.state, name)
      if (!statSync(path).isFile()) continue
      const bytes = readFileSync(path)
      t.notOk(bytes.includes(raw) || forms.some((form) => bytes.includes(form)), name)
    }
    t.ok(existsSync(join(world.settings.state, 'master.db')), 'and these are its files')
  })

  t.test('a host that is invited with --replace joins anew, and the old certificate ends', async (t) => {
    const old = readIdentity(join(dir, 'state', 'identity'))
    if (old === null) return t.fail('it has joined')
    const peer = world.connect('Agent', world.master.main, old)
    const renew = () => peer.call('Renew', { generation: 1 })
    t.equal((await renew()).code, status.OK)
    const invite = await runCli(['invite', 'a', '--replace', '--socket', socket, '--json'])
    t.equal(invite.code, 0, invite.err)
    const { invitation, version } = JSON.parse(invite.out)
    t.equal(version, '1.0')
    t.match(invitation, { kind: 'host', name: 'a', rootPin: /^[0-9a-f]{64}$/, addresses: Array })
    const file = join(dir, 'token')
    writeFileSync(file, `${invitation.joinString}\n`, { mode: 0o600 })
    const fresh = join(dir, 'fresh')
    const anew = await runCli(['join', '--token-file', file, '--state', fresh, '--json'])
    t.equal(anew.code, 0, anew.err)
    t.match(JSON.parse(anew.out), { joined: { kind: 'host', name: 'a' } })
    t.equal((await renew()).code, status.UNAUTHENTICATED, 'on its open connection')
    const late = world.connect('Agent', world.master.main, old)
    t.equal((await late.call('Renew', { generation: 1 })).code, status.UNAUTHENTICATED, 'and on a new one')
  })
})

t.test('an operator is added, joins, asks from elsewhere by its role, and is removed', async (t) => {
  const world = await openWorld(t)
  const { socket } = world.settings
  const home = join(world.settings.state, '..', 'home')
  const env = { HOME: home }
  const added = await runCli(['operator', 'add', 'anna', '--role', 'viewer', '--socket', socket])
  t.equal(added.code, 0, added.err)
  t.match(added.out, /^drover1-operator\./)
  const joined = await runCli(['join'], { stdin: added.out, env })
  t.equal(joined.code, 0, joined.err)
  t.match(joined.out, / as anna\n$/)
  t.match(joined.err, /next: drover hosts/)
  t.equal(statSync(join(home, '.config/drover/operator')).mode & 0o777, 0o700)

  const hosts = await runCli(['hosts', '-o', 'name'], { env })
  t.equal(hosts.out, 'a\nb\n', hosts.err)
  const refused = await runCli(['invite', 'b', '--replace'], { env })
  t.equal(refused.code, 1)
  t.match(refused.err, /it takes the role admin/)
  const list = await runCli(['operator', 'list'], { env })
  t.match(
    list.out,
    /^OPERATOR +ROLE +STATUS +ADDED +CERTIFICATE\nanna +viewer +joined +.* by local +ends in 89 d\n$/,
  )

  const removed = await runCli(['operator', 'remove', 'anna', '--socket', socket])
  t.equal(removed.code, 0, removed.err)
  const after = await runCli(['hosts'], { env })
  t.equal(after.code, 1)
  t.match(after.err, /not let in/)
  const gone = await runCli(['operator', 'list', '--socket', socket, '--json'])
  t.match(JSON.parse(gone.out).operators, [
    { name: 'anna', status: 'removed', role: 'viewer', addedBy: 'local' },
  ])
})

t.test(
  'a join string comes from a private file, a pipe or a person, and never from the command line',
  async (t) => {
    const dir = t.testdir({ token: 'drover1.x' })
    const file = join(dir, 'token')
    chmodSync(file, 0o640)
    const state = ['--state', join(dir, 'state')]
    const open = await runCli(['join', '--token-file', file, ...state])
    t.equal(open.code, 1)
    t.match(open.err, /others can read this file\nhint: chmod 600/)
    const word = 'drover1.aaaaaaaa.SEEDSEED.pin.host:1'
    const typed = await runCli(['join', word, ...state])
    t.equal(typed.code, 64)
    t.notMatch(typed.err, /SEEDSEED/, 'it is not even repeated')
    t.match((await runCli(['join', '--token-file', join(dir, 'none'), ...state])).err, /can't be read/)
    t.match(
      (await runCli(['join', ...state])).err,
      /nothing on standard input\nhint: pipe the join string in/,
    )
    const wrong = await runCli(['join', ...state], { stdin: `${word}\n` })
    t.equal(wrong.code, 1)
    t.match(wrong.err, /this is no join string: its seed is cut short or mistyped/)
    t.notMatch(wrong.err, /SEEDSEED/)
    const person = await runCli(['join', ...state], { typed: `${word}\n` })
    t.match(person.err, /Join string: \n/)
    t.match(person.err, /no join string/)
    t.notMatch(person.err + person.out, /SEEDSEED/, 'what is typed is not shown')
    t.notOk(existsSync(join(dir, 'state', 'identity', 'identity')))
  },
)

t.test('what an invitation asks for reaches the master as it was said', async (t) => {
  const answer = { expires_at: Date.UTC(2030, 0, 1), root_pin: 'a'.repeat(64), addresses: ['m.example:7441'] }
  const { socket, asked } = await cannedMaster(t, { Invite: answer, AddOperator: answer })
  const words = ['invite', 'web1', '--roles', 'base,web', '--ttl', '2h', '--socket', socket]
  const said = await runCli(words)
  t.match(said.err, 'until 2030-01-01T00:00:00.000Z')
  t.match(asked[0]?.request, { host: 'web1', roles: ['base', 'web'], ttl_seconds: 7200, replace: false })
  const one = parseJoinString(said.out)
  t.equal(one.inviteId, asked[0]?.request.invite_id)
  t.strictSame(one.addresses, ['m.example:7441'])
  await runCli(['operator', 'add', 'ci', '--role', 'admin', '--socket', socket])
  t.match(asked[1]?.request, { name: 'ci', role: 'admin', ttl_seconds: 1800 })
  for (const ttl of ['soon', '0s', '5']) {
    const wrong = await runCli(['invite', 'web1', '--ttl', ttl, '--socket', socket])
    t.equal(wrong.code, 64, ttl)
    t.match(wrong.err, /--ttl takes a duration/)
  }
  t.equal((await runCli(['operator', 'add', 'ci', '--role', 'root', '--socket', socket])).code, 64)
  t.equal((await runCli(['operator', 'add', 'ci', '--socket', socket])).code, 64, 'a role is said')
})
