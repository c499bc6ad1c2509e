import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newIdentity, recipientOf } from '../../lib/age.ts'
import { Secret } from '../../lib/secret.ts'

/** What the master opens the secrets of its site with. */
export type MasterKey = {
  readonly identity: Secret
  /** For `secrets/recipients.txt` of the site. */
  readonly recipient: string
}

/** The key in a state folder; made at the first start. The recipient stands beside it, for people. */
export async function openMasterKey(stateDir: string): Promise<MasterKey> {
  const path = join(stateDir, 'secrets.key')
  if (!existsSync(path)) {
    const { identity } = await newIdentity()
    writeFileSync(path, `${identity}\n`, { mode: 0o600, flag: 'wx', flush: true })
  }
  const identity = readFileSync(path, 'utf8').trim()
  const recipient = await recipientOf(identity)
  writeFileSync(join(stateDir, 'secrets.recipient'), `${recipient}\n`, { mode: 0o644 })
  return { identity: new Secret(identity), recipient }
}
