import { isSecretName } from '../../lib/secret-mark.ts'
import { sha256 } from '../../lib/sha256.ts'
import type { Diagnostics, Place } from './diagnostics.ts'
import type { SiteFile, SiteFolder } from './folder.ts'
import type { MapEntry, YamlNode } from './tree.ts'
import { asMap } from './tree.ts'

/** One secret as the site holds it: encrypted, so that only its recipients can read it. */
export type SiteSecret = {
  /** `app/key`: the file `secrets/app.yaml` and its key. */
  readonly name: string
  readonly place: Place
  /** age, in its armor. */
  readonly armor: string
  /** SHA-256 of the armor: another one for each time that the secret was set. */
  readonly version: string
}

export const SECRETS_FOLDER = 'secrets'
const ARMOR = /^-----BEGIN AGE ENCRYPTED FILE-----\n[A-Za-z0-9+/=\n]+\n-----END AGE ENCRYPTED FILE-----\n*$/

export async function readSecrets(
  folder: SiteFolder,
  parse: (file: SiteFile | null) => Promise<YamlNode | null>,
  found: Diagnostics,
): Promise<Map<string, SiteSecret>> {
  const secrets = new Map<string, SiteSecret>()
  for (const file of folder.names(SECRETS_FOLDER).filter((name) => name.endsWith('.yaml'))) {
    const tree = await parse(folder.file(`${SECRETS_FOLDER}/${file}`))
    const map = tree && asMap(tree, `${SECRETS_FOLDER}/${file}`, found)
    for (const entry of map?.entries ?? []) {
      const secret = readSecret(`${file.slice(0, -'.yaml'.length)}/${entry.key}`, entry, found)
      if (secret !== null) secrets.set(secret.name, secret)
    }
  }
  return secrets
}

function readSecret(name: string, { place, value }: MapEntry, found: Diagnostics): SiteSecret | null {
  if (!isSecretName(name)) {
    found.error('E_NAME', place, `"${name}" is no name for a secret`, {
      hint: 'use small letters, digits, ".", "_" and "-"',
    })
    return null
  }
  const armor = value.kind === 'scalar' && typeof value.value === 'string' ? value.value : ''
  if (ARMOR.test(armor)) return { name, place, armor: armor.trim(), version: sha256(armor.trim()) }
  // What stands here may be the secret itself, so nothing of it is shown.
  found.error('E_PLAINTEXT_SECRET', value, `the secret "${name}" is not encrypted`, {
    hint: `set it with "drover secret set ${name}", and replace it if it was ever committed`,
  })
  return null
}
