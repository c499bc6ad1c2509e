import { Failure } from '../../lib/failure.ts'
import { MAX_FACT_BYTES, MAX_FACTS, MAX_FACTS_BYTES, MAX_FACTS_DEPTH } from '../../lib/limits.ts'

/** Facts as they came, read and bounded; they are data, whatever they hold. */
export function checkFacts(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  if (bytes.length > MAX_FACTS_BYTES) {
    throw new Failure('exhausted', `facts have ${bytes.length} bytes, at most ${MAX_FACTS_BYTES} are taken`)
  }
  let facts: unknown
  try {
    facts = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new Failure('invalid', 'facts are no JSON in UTF-8', { cause })
  }
  if (typeof facts !== 'object' || facts === null || Array.isArray(facts)) {
    throw new Failure('invalid', 'facts are no map')
  }
  checkValue(facts, 1, { left: MAX_FACTS })
  return facts as Readonly<Record<string, unknown>>
}

function checkValue(value: unknown, depth: number, count: { left: number }): void {
  count.left -= 1
  if (count.left < 0) throw new Failure('exhausted', `facts have more than ${MAX_FACTS} values`)
  if (typeof value === 'string' && Buffer.byteLength(value) > MAX_FACT_BYTES) {
    throw new Failure('exhausted', `a fact has more than ${MAX_FACT_BYTES} bytes`)
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new Failure('invalid', 'a fact is a number that is too large')
  }
  if (typeof value !== 'object' || value === null) return
  if (depth > MAX_FACTS_DEPTH) throw new Failure('invalid', `facts are deeper than ${MAX_FACTS_DEPTH}`)
  for (const [key, inner] of Object.entries(value)) {
    // An honest host has none, and code that reads facts need not think of them.
    if (key in Object.prototype)
      throw new Failure('invalid', `a fact may not be called ${JSON.stringify(key)}`)
    if (key.length > 255) throw new Failure('invalid', 'the name of a fact has more than 255 characters')
    checkValue(inner, depth + 1, count)
  }
}
