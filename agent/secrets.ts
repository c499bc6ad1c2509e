import { createHmac } from 'node:crypto'
import { openSecret } from '../lib/age.ts'
import type { Blobs, Catalog, Resource } from '../lib/catalog.ts'
import { Failure } from '../lib/failure.ts'
import type { Outcome } from '../lib/outcome.ts'
import { Secret } from '../lib/secret.ts'
import { fillMarks, marksIn } from '../lib/secret-mark.ts'
import { sha256 } from '../lib/sha256.ts'
import type { Change, ResourceId } from '../lib/state.ts'
import { layered } from './blobs.ts'
import type { AgentIdentity } from './identity.ts'

/** A secret as the master sends it: encrypted to this host. */
export type Sealed = { readonly name: string; readonly version: string; readonly ciphertext: Uint8Array }

/** What a run converges on, secrets in their places, and what keeps them from being seen. In memory only. */
export type Opened = {
  readonly catalog: Catalog
  readonly blobs: Blobs
  /** An outcome as others may see it. */
  conceal(outcome: Outcome): Outcome
  /** A text in which no secret stands. */
  scrub(text: string): string
}

export type SecretKeys = {
  readonly identity: Secret | null
  /** Only this host has it: what is shown in place of a secret tells nothing of its value. */
  readonly fingerprintKey: string
}

/** What only this host has, of its identity; `null`: it has joined no master. */
export function secretKeysOf(identity: Pick<AgentIdentity, 'key' | 'ageIdentity'> | null): SecretKeys {
  const key = createHmac('sha256', identity?.key ?? '').update('drover fingerprint 1')
  return { identity: identity?.ageIdentity ?? null, fingerprintKey: key.digest('hex') }
}

/** Opens the secrets that a catalog mentions. Nothing is decrypted for one that mentions none. */
export async function openSecrets(
  catalog: Catalog,
  blobs: Blobs,
  sealed: readonly Sealed[],
  { identity, fingerprintKey }: SecretKeys,
): Promise<Opened> {
  // One that an older master compiled names none.
  const wanted = Object.entries(catalog.secrets ?? {})
  if (wanted.length === 0) return { catalog, blobs, conceal: veiled, scrub: (text) => text }
  const values = new Map<string, string>()
  for (const [name, version] of wanted) {
    const one = sealed.find((candidate) => candidate.name === name && candidate.version === version)
    if (one === undefined || identity === null)
      throw new Failure('not-found', `the master sent no value for the secret "${name}"`, { about: name })
    values.set(name, await openSecret(name, one.ciphertext, [identity.reveal()]))
  }
  const filled = new Map<string, Buffer>()
  const all: Content = {
    get: (digest) => filled.get(digest) ?? blobs.get(digest),
    set: (digest, bytes) => void filled.set(digest, bytes),
  }
  const resources = catalog.resources.map((resource) =>
    resource.secrets === undefined ? resource : fillResource(resource, values, all, fingerprintKey),
  )
  const sensitive = new Set(resources.flatMap(({ id, secrets }) => (secrets === undefined ? [] : [id])))
  const scrub = scrubber(values)
  return {
    catalog: { ...catalog, resources },
    blobs: layered(blobs, filled),
    conceal: (outcome) => concealed(outcome, sensitive, fingerprintKey, scrub),
    scrub,
  }
}

/** Content that is there, and content that is made of it. */
type Content = { get(digest: string): Buffer | undefined; set(digest: string, bytes: Buffer): void }

function fillResource(
  resource: Resource,
  values: ReadonlyMap<string, string>,
  blobs: Content,
  key: string,
): Resource {
  const fill = (text: string) => fillMarks(text, (name) => values.get(name) ?? '')
  const props: Record<string, unknown> = { ...resource.props }
  for (const [prop, value] of Object.entries(props))
    if (typeof value === 'string' && marksIn(value).length > 0) props[prop] = new Secret(fill(value), key)
  const content = blobs.get(String(props.sha256))
  const text = content?.toString('utf8') ?? ''
  if (marksIn(text).length > 0) {
    const bytes = Buffer.from(fill(text))
    props.sha256 = sha256(bytes)
    blobs.set(String(props.sha256), bytes)
  }
  return { ...resource, props }
}

// Shorter ones stand in many texts by chance, and would be told by what is taken out.
const MIN_SCRUBBED = 4

/** Takes out values, and each line of those that have several: a program shows the line that it does not like. */
function scrubber(values: ReadonlyMap<string, string>): (text: string) => string {
  const parts = [...values].flatMap(([name, value]) =>
    [
      ...new Set([value, value.trim(), ...value.split('\n').map((line) => line.trim())].flatMap(spellings)),
    ].map((text) => [name, text] as const),
  )
  const worth = parts.filter(([, text]) => text.length >= MIN_SCRUBBED)
  worth.sort(([, a], [, b]) => b.length - a.length)
  return (text) => worth.reduce((rest, [name, part]) => rest.replaceAll(part, `‹secret:${name}›`), text)
}

/** As it is, and as programs write it down. */
const spellings = (text: string) => {
  const bytes = Buffer.from(text)
  const json = JSON.stringify(text).slice(1, -1)
  return [text, json, encodeURIComponent(text), bytes.toString('base64'), bytes.toString('hex')]
}

const NOT_SHOWN = 'it holds a secret and is not shown'

function concealed(
  outcome: Outcome,
  sensitive: ReadonlySet<ResourceId>,
  key: string,
  scrub: (text: string) => string,
): Outcome {
  if (outcome.leaves !== undefined) return mapTexts(veiled(outcome), scrub) as Outcome
  const isSensitive = sensitive.has(outcome.id)
  const digest = (text: string) =>
    `keyed:${createHmac('sha256', key).update(text).digest('hex').slice(0, 16)}`
  const hidden = (text: string) => (isSensitive && /^[0-9a-f]{64}$/.test(text) ? digest(text) : scrub(text))
  const shown = mapTexts(outcome, hidden) as Outcome
  if (!isSensitive || !('previews' in shown)) return shown
  return {
    ...shown,
    previews: shown.previews.map((preview) => ({ ...preview, diff: null, note: NOT_SHOWN })),
  }
}

/** Of what leaves the catalog nobody has the secrets any more: what it differs in is told, and not how. */
function veiled(outcome: Outcome): Outcome {
  if (!outcome.leaves?.holdsSecret || !('changes' in outcome)) return outcome
  const bare = (changes: readonly Change[]) =>
    changes.map(({ field }) => ({ field, from: NOT_SHOWN, to: NOT_SHOWN }))
  // The others may hold what they write, or say to a program.
  const steps = outcome.steps.filter((step) => 'path' in step && step.do !== 'write')
  const changes = bare(outcome.changes)
  if (outcome.status !== 'failed') return { ...outcome, changes, steps, previews: [] }
  return { ...outcome, changes, steps, left: bare(outcome.left), ended: null, reason: NOT_BACK }
}

const NOT_BACK = 'it could not be taken back; why is not shown, since it holds a secret'

/** The same value with other texts. What shows itself as a digest stays as it is. */
function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value)
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, map))
  if (typeof value !== 'object' || value === null || value instanceof Secret) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapTexts(one, map)]))
}
