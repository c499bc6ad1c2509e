import * as v from 'valibot'

/** Lines of an authorized_keys file, as sshd(8) reads them. */

/** How many parts the body of each type has: its own name, then what the type is made of. */
const PARTS: Readonly<Record<string, number>> = {
  'ssh-ed25519': 2,
  'ssh-rsa': 3,
  'ecdsa-sha2-nistp256': 3,
  'ecdsa-sha2-nistp384': 3,
  'ecdsa-sha2-nistp521': 3,
  'sk-ssh-ed25519@openssh.com': 3,
  'sk-ecdsa-sha2-nistp256@openssh.com': 4,
}

// Options hold blanks within quotes alone, and `\"` is the only escape that sshd knows there.
const LINE =
  /^(?:((?:[^\s"]|"(?:\\"|[^"\\]|\\(?!"))*")+)[ \t]+)?([a-z][a-z0-9@.-]+)[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t].*)?$/

export type PublicKey = { readonly type: string; readonly body: string }

/** The key of a line, `null` for a comment, an empty line and whatever sshd would pass over. */
export function publicKeyOf(line: string): PublicKey | null {
  const [, , type = '', body = ''] = LINE.exec(line.trim()) ?? []
  return Object.hasOwn(PARTS, type) ? { type, body } : null
}

/** What is wrong with a line that is to hold a key, `null` when nothing is. */
function faultOf(line: string): string | null {
  if (line.includes('PRIVATE KEY'))
    return 'this is a private key; the public one is in the file that ends in ".pub"'
  const key = publicKeyOf(line)
  if (key === null) {
    const types = Object.keys(PARTS).join(', ')
    return `a key is a line such as "ssh-ed25519 AAAA… who@where", with options before it if need be; its type is one of ${types}`
  }
  const parts = partsOf(key.body)
  if (parts === null || parts.length < (PARTS[key.type] ?? 0))
    return 'the body of the key is cut short or mistyped'
  if (parts[0] !== key.type) return `the line says ${key.type}, and its body is of another type`
  return parts.length > (PARTS[key.type] ?? 0) ? 'the body of the key has something behind its end' : null
}

/** Each part stands behind its length in four bytes. `null` when it does not come out even. */
function partsOf(body: string): string[] | null {
  if (body.length % 4 !== 0) return null
  const bytes = atob(body)
  const parts: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = [0, 1, 2, 3].reduce((sum, i) => sum * 256 + bytes.charCodeAt(at + i), 0)
    const end = at + 4 + length
    // A length that is itself cut short is no number, and no end either.
    if (!(end <= bytes.length)) return null
    parts.push(bytes.slice(at + 4, end))
    at = end
  }
  return parts
}

// Longer than any real one; sshd reads lines of at most 8 KiB.
const MAX_LINE_BYTES = 8192

export const PublicKeyLine = v.pipe(
  v.string('a key is a string'),
  v.maxLength(MAX_LINE_BYTES, `a line of keys has at most ${MAX_LINE_BYTES} bytes`),
  v.check((line) => !/[\r\n\0]/.test(line.trim()), 'a key is a single line'),
  v.trim(),
  v.rawCheck(({ dataset, addIssue }) => {
    const fault = dataset.typed ? faultOf(dataset.value) : null
    if (fault !== null) addIssue({ message: fault })
  }),
)

/** Lines that are not empty. */
export const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** Whether a line holds one of these keys, with whatever options. */
export function isOneOf(line: string, keys: readonly string[]): boolean {
  const body = publicKeyOf(line)?.body
  return body !== undefined && keys.some((key) => publicKeyOf(key)?.body === body)
}

/** The lines of others as they are, with declared keys in place of those that are the same but for their options. */
export function merged(text: string, keys: readonly string[], revoked: readonly string[]): string[] {
  const lines = text.replace(/\n$/, '').split('\n')
  const others = (text === '' ? [] : lines).filter((line) => !isOneOf(line, [...keys, ...revoked]))
  return [...others, ...[...new Set(keys)].filter((key) => !isOneOf(key, revoked))]
}
