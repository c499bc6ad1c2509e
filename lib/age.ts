import { Failure, reasonOf } from './failure.ts'

type Age = typeof import('age-encryption')
let loaded: Promise<Age> | null = null
// It takes 40 ms, which nobody without secrets should pay.
const age = () => (loaded ??= import('age-encryption'))

/** A new identity, `AGE-SECRET-KEY-1...`, and its recipient, `age1...`. */
export async function newIdentity(): Promise<{ identity: string; recipient: string }> {
  const { generateX25519Identity, identityToRecipient } = await age()
  const identity = await generateX25519Identity()
  return { identity, recipient: await identityToRecipient(identity) }
}

export const recipientOf = async (identity: string): Promise<string> =>
  (await age()).identityToRecipient(identity)

/** Encrypts a value under its name: one that is moved to another name can be told. */
export async function sealSecret(
  name: string,
  value: string,
  recipients: readonly string[],
): Promise<Uint8Array> {
  const { Encrypter } = await age()
  const encrypter = new Encrypter()
  for (const recipient of recipients) encrypter.addRecipient(recipient)
  return encrypter.encrypt(JSON.stringify({ name, value }))
}

export const armored = async (bytes: Uint8Array): Promise<string> => (await age()).armor.encode(bytes).trim()
export const unarmored = async (text: string): Promise<Uint8Array> => (await age()).armor.decode(text)

/**
 * The value that was encrypted under a name.
 *
 * Fails with `denied` when none of the identities is a recipient, and with `invalid` when the ciphertext was changed
 * or belongs to another name.
 */
export async function openSecret(
  name: string,
  ciphertext: Uint8Array,
  identities: readonly string[],
): Promise<string> {
  const { Decrypter } = await age()
  const decrypter = new Decrypter()
  for (const identity of identities) decrypter.addIdentity(identity)
  let text: string
  try {
    text = await textOf(await decrypter.decrypt(streamOf(ciphertext)))
  } catch (error) {
    const stranger = /no identity matched/.test(reasonOf(error))
    throw new Failure(
      stranger ? 'denied' : 'invalid',
      stranger ? `the secret "${name}" is not encrypted to this key` : `the secret "${name}" was damaged`,
      stranger
        ? { about: name, hint: 'add its recipient to secrets/recipients.txt and run "drover secret rekey"' }
        : { about: name, hint: `set it anew with "drover secret set ${name}"` },
    )
  }
  return valueUnder(name, text)
}

// Streams, since the library reads whole bytes by `Response`, which takes WebAssembly: an agent runs without that.
const streamOf = (bytes: Uint8Array) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes)
      controller.close()
    },
  })

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const reader = stream.getReader()
  let text = ''
  for (let piece = await reader.read(); !piece.done; piece = await reader.read())
    text += decoder.decode(piece.value, { stream: true })
  return text + decoder.decode()
}

function valueUnder(name: string, text: string): string {
  let inside: { name?: unknown; value?: unknown } | null = null
  try {
    inside = JSON.parse(text)
  } catch {
    // Encrypted by another program, which gave it no name.
  }
  if (inside?.name === name && typeof inside.value === 'string') return inside.value
  throw new Failure('invalid', `what stands under "${name}" was encrypted under another name`, {
    about: name,
    hint: `E_SECRET_AAD: set it with "drover secret set ${name}"`,
  })
}
