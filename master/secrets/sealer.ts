import { openSecret, sealSecret, unarmored } from '../../lib/age.ts'
import type { Catalog } from '../../lib/catalog.ts'
import { Failure } from '../../lib/failure.ts'
import { MAX_SEALED_KEPT } from '../../lib/limits.ts'
import type { Secret } from '../../lib/secret.ts'

/** One secret for one host alone. */
export type Sealed = { readonly name: string; readonly version: string; readonly ciphertext: Uint8Array }

/**
 * Encrypts to hosts what the site has encrypted to the master. Values are in memory for that moment only; what is kept
 * is ciphertext.
 */
export function openSealer(identity: Secret, body: (sha256: string) => Promise<Uint8Array | null>) {
  const sealed = new Map<string, Promise<Uint8Array>>()
  const mentioned = new Map<string, Catalog['secrets']>()

  async function seal(name: string, version: string, recipient: string): Promise<Uint8Array> {
    const armor = await body(version)
    if (armor === null) throw new Failure('not-found', `the secret "${name}" is not kept in this version`)
    const text = Buffer.from(armor).toString('utf8')
    return sealSecret(name, await openSecret(name, await unarmored(text), [identity.reveal()]), [recipient])
  }

  function kept(name: string, version: string, recipient: string): Promise<Uint8Array> {
    const key = `${recipient} ${version} ${name}`
    const known = sealed.get(key) ?? seal(name, version, recipient)
    sealed.delete(key)
    sealed.set(key, known)
    known.catch(() => sealed.delete(key))
    forgetOldest(sealed)
    return known
  }

  return {
    /** The secrets that a catalog mentions, for the host whose recipient is asked for when there are any. */
    async forHost(recipientOf: () => Promise<string | null>, catalogSha256: string): Promise<Sealed[]> {
      const secrets = mentioned.get(catalogSha256) ?? secretsOf(await body(catalogSha256))
      mentioned.set(catalogSha256, secrets)
      forgetOldest(mentioned)
      const names = Object.entries(secrets)
      const recipient = names.length === 0 ? null : await recipientOf()
      if (recipient === null) return []
      return Promise.all(
        names.map(async ([name, version]) => ({
          name,
          version,
          ciphertext: await kept(name, version, recipient),
        })),
      )
    },
  }
}

export type Sealer = ReturnType<typeof openSealer>

function secretsOf(bytes: Uint8Array | null): Catalog['secrets'] {
  if (bytes === null) throw new Failure('not-found', 'the catalog is not kept')
  const { secrets } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<Catalog>
  // One that an older master compiled.
  return secrets ?? {}
}

function forgetOldest(kept: Map<string, unknown>): void {
  if (kept.size > MAX_SEALED_KEPT) kept.delete(kept.keys().next().value ?? '')
}
