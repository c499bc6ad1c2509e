import type { Resource } from '../../lib/catalog.ts'
import { marksWithin } from '../../lib/secret-mark.ts'
import type { Diagnostics, Place } from '../site/diagnostics.ts'

/** Whether a value that anybody may see holds no secret; otherwise it is told. */
export function keepsSecrets(value: unknown, place: Place, what: string, found: Diagnostics): boolean {
  const [name] = marksWithin(value)
  if (name === undefined) return true
  found.error('E_SECRET_FLOW', place, `${what} would show the secret "${name}"`, {
    allowed: 'the content of a file, the password of a user, the stdin of a command',
  })
  return false
}

const OTHERS_READ = 0o004

/** A file that holds a secret says who may read it, and not everybody may. */
export function checkMode({ id, secrets, props, origins }: Resource, found: Diagnostics): void {
  const [name] = secrets ?? []
  const [origin] = origins
  if (name === undefined || origin === undefined || props.mode === undefined) return
  const mode = typeof props.mode === 'string' ? Number.parseInt(props.mode, 8) : OTHERS_READ
  if ((mode & OTHERS_READ) === 0) return
  const why =
    props.mode === null ? 'gives no mode' : `has the mode ${props.mode}, by which everybody may read it`
  found.error('E_SECRET_FLOW', origin, `${id} holds the secret "${name}" and ${why}`, {
    hint: 'give it a mode such as "0640", and the group that reads it',
  })
}
