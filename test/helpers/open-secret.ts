import { readFileSync } from 'node:fs'
import { openSecret } from '../../lib/age.ts'

/** Opens a secret in a process of its own, and says its value: a test of the flags that an agent is started with. */
const { ciphertext, identity } = JSON.parse(readFileSync(0, 'utf8')) as Record<string, string>
process.stdout.write(await openSecret('app/key', Buffer.from(ciphertext ?? '', 'base64'), [identity ?? '']))
