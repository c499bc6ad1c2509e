import * as v from 'valibot'
import { Failure } from '../../lib/failure.ts'
import {
  MAX_CONTESTED,
  MAX_KNOWN,
  MAX_KNOWN_CHARACTERS,
  MAX_REPORT_BYTES,
  SITE_LIMITS,
} from '../../lib/limits.ts'

/**
 * What the store needs of the outcomes in a report. An agent of another version may say more than this: what is not
 * known is passed over, and stays in the body.
 */
const Text = v.optional(v.nullable(v.string()))
const Changes = v.optional(
  v.array(v.object({ field: v.string(), from: v.optional(v.unknown()), to: v.optional(v.unknown()) })),
  [],
)
// What was heard of longer ago than that was heard in another life.
const MAX_LATENCY_MS = 7 * 86_400_000
const Reported = v.object({
  id: v.pipe(v.string(), v.maxLength(8192)),
  status: v.string(),
  changes: Changes,
  left: Changes,
  previews: v.optional(v.array(v.object({ diff: Text })), []),
  reason: Text,
  latencyMs: v.optional(v.pipe(v.number(), v.toMinValue(0), v.toMaxValue(MAX_LATENCY_MS))),
})
const Time = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const Fight = v.object({
  id: v.pipe(v.string(), v.maxLength(8192)),
  since: Time,
  times: Time,
  lastAt: Time,
  nextAt: Time,
  known: v.pipe(v.array(v.pipe(v.string(), v.maxLength(MAX_KNOWN_CHARACTERS))), v.maxLength(MAX_KNOWN)),
})
const Body = v.object({
  outcomes: v.pipe(v.array(Reported), v.maxLength(SITE_LIMITS.resources_per_host.most)),
  // An agent of before says nothing of it.
  contested: v.optional(v.pipe(v.array(Fight), v.maxLength(MAX_CONTESTED)), []),
})

export type Reported = v.InferOutput<typeof Reported>
export type ReportedFight = v.InferOutput<typeof Fight>

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The outcomes of a report's body: all that are not settled; and what is contested on the host. */
export function contentOf(body: Uint8Array): v.InferOutput<typeof Body> {
  if (body.length > MAX_REPORT_BYTES) throw invalid(`it has more than ${MAX_REPORT_BYTES} bytes`)
  const read = v.safeParse(Body, parsed(body), { abortEarly: true })
  if (read.success) return read.output
  const [issue] = read.issues
  throw invalid(`${v.getDotPath(issue) ?? 'it'}: ${issue.message}`)
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(body))
  } catch {
    // The parser's own words quote the text, which is not for a log.
    throw invalid('it is no JSON')
  }
}

const invalid = (why: string) =>
  new Failure('invalid', `the body of the report can't be read: ${why}`, { about: 'report' })
