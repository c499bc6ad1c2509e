import { readFileSync, writeFileSync } from 'node:fs'
import { status } from '@grpc/grpc-js'
import t from 'tap'
import { METHODS, type Method } from '../../master/serve/methods.ts'
import { POLICY } from '../../master/serve/policy.ts'
import { openWorld, type Peer, type World } from '../helpers/master-world.ts'
import { selfSigned, testAuthority } from '../helpers/pki.ts'

// Written anew with UPDATE_GOLDEN=1; what changes in it is who may do what, and is to be read.
const GOLDEN = 'test/flow/matrix.golden'
const HOUR_MS = 3_600_000

/** Every kind of caller, each where it would call, and some where they have no business. */
async function callersOf(world: World): Promise<readonly (readonly [string, Peer])[]> {
  const { master, hosts, operators, connect, issue } = world
  const other = await testAuthority('other')
  const names = [{ type: 'url' as const, value: 'spiffe://other/agent/x' }]
  await world.local.call('Revoke', { host: 'revoked', reason: 'test' })
  await world.local.call('RemoveOperator', { name: 'removed' })
  const agent = hosts.get('a')
  const pairs = {
    'no certificate': null,
    'self-signed': await selfSigned({ names }),
    'other authority': await other.issue({ names }),
    'server certificate': world.serverPair,
    'expired agent': await issue('agent', agent?.id ?? '', Date.now() - 120_000, 60_000),
    'unknown agent': await issue('agent', '00000000-0000-4000-8000-000000000000', Date.now(), HOUR_MS),
    'another key of an agent': await issue('agent', agent?.id ?? '', Date.now(), HOUR_MS),
    'revoked agent': hosts.get('revoked')?.pair ?? null,
    agent: agent?.pair ?? null,
    'removed operator': operators.get('removed') ?? null,
    viewer: operators.get('viewer') ?? null,
    deployer: operators.get('deployer') ?? null,
    admin: operators.get('admin') ?? null,
  }
  const mains = Object.entries(pairs).map(
    ([name, pair]) => [name, connect('Agent', master.main, pair)] as const,
  )
  return [
    ...mains,
    ['socket', connect('Agent', `unix:${master.socket}`, null)],
    ['enrollment listener, no certificate', connect('Agent', master.enrollment, null)],
    ['enrollment listener, agent', connect('Agent', master.enrollment, pairs.agent)],
  ]
}

t.test('what every kind of caller gets from every method is as it was written down', async (t) => {
  const operators = { viewer: 'viewer', deployer: 'deployer', admin: 'admin', removed: 'admin' } as const
  const world = await openWorld(t, { hosts: ['a', 'b', 'revoked'], operators })
  const callers = await callersOf(world)
  const rows = [...METHODS.values()].map(async (method) => {
    const verdicts = callers.map(async ([caller, peer]) => `  ${caller}: ${await verdict(peer, method)}`)
    return [`${method.service}.${method.name}`, ...(await Promise.all(verdicts))]
  })
  const text = `${(await Promise.all(rows)).flat().join('\n')}\n`
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(GOLDEN, text)
  t.equal(text, readFileSync(GOLDEN, 'utf8'))
})

/** How an empty request ends. What the method itself says of it shows that the caller was let in. */
async function verdict(peer: Peer, { service, name }: Method): Promise<string> {
  const { code } = await peer.as(service).call(name, {})
  return status[code] ?? String(code)
}

t.test('every method that the proto declares has its rule, and no rule is of none', async (t) => {
  for (const { service, name, rule } of METHODS.values()) {
    t.equal((POLICY[service] as Readonly<Record<string, unknown>>)[name], rule, `${service}.${name}`)
  }
  t.equal(METHODS.size, Object.values(POLICY).flatMap((rules) => Object.keys(rules)).length)
})
