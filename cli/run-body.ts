import * as v from 'valibot'
import { Failure } from '../lib/failure.ts'
import { MAX_REPORT_DEPTH } from '../lib/limits.ts'
import type { RunResult } from '../lib/outcome.ts'
import type { Change } from '../lib/state.ts'

// What is printed has to be there; the rest is passed on as it came.
export const Changes = v.array(v.looseObject({ field: v.string() }))
const Step = v.looseObject({ do: v.string() })
export const Preview = v.looseObject({
  path: v.string(),
  diff: v.nullable(v.string()),
  note: v.nullable(v.string()),
  added: v.number(),
  removed: v.number(),
})
const Work = {
  changes: Changes,
  steps: v.array(Step),
  with: v.nullable(v.string()),
  previews: v.array(Preview),
}
const Recovered = v.optional(v.array(v.string()))
const Outcome = v.variant('status', [
  v.looseObject({ id: v.string(), status: v.literal('settled') }),
  v.looseObject({
    id: v.string(),
    status: v.literal('planned'),
    ...Work,
    after: v.array(v.string()),
    unknown: v.nullable(v.string()),
    paused: v.optional(
      v.object({ by: v.string(), until: v.number(), reason: v.string(), isOver: v.boolean() }),
    ),
  }),
  v.looseObject({
    id: v.string(),
    status: v.literal('changed'),
    ...Work,
    ms: v.number(),
    latencyMs: v.optional(v.number()),
    recovered: Recovered,
  }),
  v.looseObject({
    id: v.string(),
    status: v.literal('failed'),
    code: v.string(),
    reason: v.string(),
    hint: v.nullable(v.string()),
    changes: Changes,
    steps: v.array(Step),
    left: Changes,
    ms: v.number(),
    recovered: Recovered,
  }),
  v.looseObject({ id: v.string(), status: v.literal('skipped'), because: v.nullable(v.string()) }),
])
const Trigger = v.looseObject({ reaction: v.string(), on: v.string() })
export const bodyEntries = {
  outcomes: v.array(Outcome),
  owed: v.array(v.looseObject({ id: v.string(), trigger: Trigger, why: v.string() })),
}
const Body = v.object({
  ...bodyEntries,
  undo: v.optional(v.object({ runId: v.string(), whole: v.boolean() })),
})

export type Body = Pick<RunResult, 'outcomes' | 'owed'> & {
  /** The run that it has put back, or would; `whole`: all is known of what that one changed. */
  readonly undo?: { readonly runId: string; readonly whole: boolean }
}

/** What a host has reported, which may be anything: refused where it can't be shown. */
export function bodyOf(bytes: Uint8Array, about: string): Body {
  if (bytes.length === 0) return { outcomes: [], owed: [] }
  const read = v.safeParse(Body, jsonOf(bytes), { abortEarly: true })
  if (read.success) return read.output as unknown as Body
  throw new Failure('invalid', "the host's report can't be read", {
    about,
    hint: 'is its drover of another version? see "drover hosts"',
  })
}

/** Changes of one resource; none where they can't be read. */
export function changesOf(bytes: Uint8Array): readonly Change[] {
  const read = v.safeParse(Changes, jsonOf(bytes))
  return read.success ? (read.output as unknown as Change[]) : []
}

/** Where resources are declared, by their ids. */
export function originsOf(bytes: Uint8Array): ReadonlyMap<string, string> {
  const read = v.safeParse(v.record(v.string(), v.string()), jsonOf(bytes))
  return new Map(read.success ? Object.entries(read.output) : [])
}

/** `null` for what is no JSON, and for what is nested so deep that whoever walks it falls off the stack. */
export function jsonOf(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes).toString()
  try {
    const value: unknown = JSON.parse(text)
    return depthOf(text) > MAX_REPORT_DEPTH ? null : value
  } catch {
    return null
  }
}

/** Of text that is JSON, in which every quote has its end. */
function depthOf(json: string): number {
  let [depth, most] = [0, 0]
  for (const [piece] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (piece === '[' || piece === '{') depth += 1
    else if (piece === ']' || piece === '}') depth -= 1
    most = Math.max(most, depth)
  }
  return most
}
