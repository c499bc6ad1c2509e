import { gunzipSync } from 'node:zlib'
import * as v from 'valibot'
import { Failure } from '../lib/failure.ts'
import { MAX_OPERATOR_ANSWER_BYTES } from '../lib/limits.ts'
import type { Rehearsal } from '../lib/rehearsal.ts'
import { bodyEntries, Changes, jsonOf, Preview } from './run-body.ts'

const By = v.nullable(v.string())
const Effect = v.looseObject({
  path: v.string(),
  change: v.picklist(['created', 'changed', 'removed']),
  kind: v.picklist(['file', 'directory', 'link', 'special']),
  changes: Changes,
  sha256: v.nullable(v.string()),
  preview: v.nullable(Preview),
  by: By,
  named: v.boolean(),
  package: v.nullable(v.string()),
})
const Body = v.object({
  ...bodyEntries,
  // Agents that are older say nothing of it.
  held: v.optional(v.nullable(v.object({ reason: v.string(), hint: v.string() })), null),
  origins: v.record(v.string(), v.string()),
  effects: v.array(Effect),
  more: v.number(),
  asked: v.array(v.looseObject({ verb: v.string(), unit: v.string(), by: By })),
  settings: Changes,
  scripts: v.record(v.string(), v.array(v.string())),
  volatile: v.number(),
  bytes: v.number(),
  ms: v.number(),
})

/** What a host says of a rehearsal, which may be anything: refused where it can't be shown. */
export function rehearsalOf(bytes: Uint8Array, about: string): Rehearsal {
  const read = v.safeParse(Body, jsonOf(unpacked(bytes)), { abortEarly: true })
  if (read.success) return read.output as unknown as Rehearsal
  throw new Failure('invalid', "the host's rehearsal can't be read", {
    about,
    hint: 'is its drover of another version? see "drover hosts"',
  })
}

/** Nothing, for what is none or would be more than anybody sends. */
function unpacked(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_OPERATOR_ANSWER_BYTES })
  } catch {
    return Buffer.alloc(0)
  }
}
