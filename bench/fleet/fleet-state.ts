import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { openLog } from '../../lib/log.ts'
import { sha256 } from '../../lib/sha256.ts'
import { openAuthority } from '../../master/authority/authority.ts'
import { openStateDir } from '../../master/state-dir.ts'
import { openStore, STORE_FILE } from '../../master/store/store.ts'
import { factsOf, nameOf } from './fleet-site.ts'

/** What one agent of the fleet shows the master. */
export type Member = { readonly index: number; readonly key: string; readonly chain: string }

const DAY_MS = 86_400_000
const AT_ONCE = 100

/** The state of a master that all hosts have joined and told what they are. */
export async function makeState(
  state: string,
  hosts: number,
): Promise<{ members: readonly Member[]; roots: string }> {
  openStateDir(state).close()
  const log = openLog(
    () => undefined,
    () => '',
    'logfmt',
  )
  const authority = await openAuthority(join(state, 'pki'), ['127.0.0.1'], { now: Date.now, log })
  const store = await openStore(join(state, STORE_FILE), Date.now)

  async function join1(index: number): Promise<Member> {
    const at = Date.now()
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
    const [id, hostId, name] = [randomUUID(), randomUUID(), nameOf(index)]
    const { chain, serial, expiresAt } = await authority.issue(
      { kind: 'agent', id: hostId },
      publicKey,
      at,
      DAY_MS,
    )
    const times = { created_at: at, created_by: 'bench', expires_at: at + DAY_MS }
    await store.invites.add({
      ...{ id, kind: 'host', name, roles: '[]', join_public_key: Buffer.alloc(44), replaces: 0 },
      ...times,
    })
    await store.invites.redeemHost({
      ...{ id, hostId, at, ageRecipient: '' },
      keySha256: sha256(publicKey),
      certificate: {
        certificate_chain: chain,
        certificate_serial: serial,
        certificate_expires_at: expiresAt,
      },
    })
    await store.facts.put({ hostId, facts: Buffer.from(JSON.stringify(factsOf(index, 0))), at })
    return { index, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), chain }
  }

  const members: Member[] = []
  for (let from = 0; from < hosts; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, hosts - from) }, (_, i) => join1(from + i))
    members.push(...(await Promise.all(some)))
  }
  await store.close()
  authority.close()
  return { members, roots: authority.roots }
}
