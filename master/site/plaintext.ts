import type { Diagnostics } from './diagnostics.ts'
import type { SiteFile } from './folder.ts'
import { placeAt } from './yaml-text.ts'

/** How secrets begin that have a fixed form, and what each of them is. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN (?:[A-Z]+ ){0,2}PRIVATE KEY-----/g, 'a private key'],
  [/\bAGE-SECRET-KEY-1[0-9A-Z]{20,}/g, 'an age identity'],
  [/\bAKIA[0-9A-Z]{16}\b/g, 'an AWS access key'],
  [/\bgh[pousr]_[A-Za-z0-9]{36,}/g, 'a GitHub token'],
  [/\bglpat-[A-Za-z0-9_-]{20,}/g, 'a GitLab token'],
  [/\bxox[abprs]-[A-Za-z0-9-]{10,}/g, 'a Slack token'],
]

// Keys and tokens stand in small files; an image or archive is not searched.
const MAX_SEARCHED_BYTES = 1024 * 1024

/** Warns of each secret in clear. The message never holds the secret itself. */
export function findPlaintextSecrets(file: SiteFile, found: Diagnostics): void {
  if (file.size > MAX_SEARCHED_BYTES) return
  // One character for each byte, so that no file fails to be text.
  const text = file.bytes.toString('latin1')
  for (const [shape, what] of SECRETS) {
    for (const match of text.matchAll(shape)) {
      found.warning(
        'E_PLAINTEXT_SECRET',
        placeAt(text, match.index, file.path),
        `${what} stands here in clear`,
        {
          hint: 'move it to secrets/ with "drover secret set", and replace it: git keeps what was committed',
        },
      )
    }
  }
}
