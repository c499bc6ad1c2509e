import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import descriptor from '../../proto/gen/descriptor.json' with { type: 'json' }
import released from '../../proto/released.json' with { type: 'json' }

type Field = { readonly id: number; readonly type: string; readonly rule?: string; readonly keyType?: string }
type Method = {
  readonly requestType: string
  readonly responseType: string
  readonly requestStream?: boolean
  readonly responseStream?: boolean
}
type Thing = {
  readonly fields?: Readonly<Record<string, Field>>
  readonly values?: Readonly<Record<string, number>>
  readonly methods?: Readonly<Record<string, Method>>
  readonly oneofs?: Readonly<Record<string, { readonly oneof: readonly string[] }>>
  readonly reserved?: readonly (readonly [number, number] | string)[]
  readonly nested?: Readonly<Record<string, Thing>>
}

/** What an older agent, master or command line would stumble over. */
function breaks(before: Thing, after: Thing | undefined, path: string): string[] {
  if (after === undefined) return [`${path} is gone`]
  const inner = Object.entries(before.nested ?? {})
  return [
    ...members(before.fields, after.fields, (one) => one.id, sameField).map(within(path, after)),
    ...members(
      before.values,
      after.values,
      (one) => one,
      (a, b) => a === b,
    ).map(within(path, after)),
    ...Object.entries(before.methods ?? {}).flatMap(([name, method]) =>
      sameMethod(method, after.methods?.[name]) ? [] : [`${path}.${name} is another method, or gone`],
    ),
    ...reused(before, after).map((name) => `${path}.${name} uses what was reserved`),
    ...inner.flatMap(([name, thing]) => breaks(thing, after.nested?.[name], `${path}.${name}`)),
  ].filter((line) => line !== '')
}

type Gone = { readonly name: string; readonly id: number; readonly changed: boolean }

function members<M>(
  before: Readonly<Record<string, M>> = {},
  after: Readonly<Record<string, M>> = {},
  idOf: (member: M) => number,
  same: (a: M, b: M) => boolean,
): Gone[] {
  return Object.entries(before).flatMap(([name, member]) => {
    const now = after[name]
    if (now !== undefined && same(member, now)) return []
    return [{ name, id: idOf(member), changed: now !== undefined }]
  })
}

const within =
  (path: string, { reserved = [] }: Thing) =>
  ({ name, id, changed }: Gone) => {
    if (changed) return `${path}.${name} has another number or type`
    const numbers = reserved.some((one) => typeof one !== 'string' && one[0] <= id && id <= one[1])
    return numbers && reserved.includes(name) ? '' : `${path}.${name} was dropped, and ${id} is not reserved`
  }

const sameField = (a: Field, b: Field) =>
  a.id === b.id && a.type === b.type && a.rule === b.rule && a.keyType === b.keyType

const sameMethod = (a: Method, b: Method | undefined) =>
  b !== undefined &&
  a.requestType === b.requestType &&
  a.responseType === b.responseType &&
  a.requestStream === b.requestStream &&
  a.responseStream === b.responseStream

/** Fields of now with a number or a name that was reserved before. */
function reused({ reserved = [] }: Thing, { fields = {} }: Thing): string[] {
  const isReserved = (name: string, id: number) =>
    reserved.some((one) => (typeof one === 'string' ? one === name : one[0] <= id && id <= one[1]))
  return Object.entries(fields).flatMap(([name, { id }]) => (isReserved(name, id) ? [name] : []))
}

t.test('what was released before is still understood', async (t) => {
  t.strictSame(breaks(released as Thing, descriptor as Thing, ''), [])
})

t.test('a number that is used anew, a type that changes and a field that goes are noticed', async (t) => {
  const before: Thing = {
    nested: {
      M: {
        fields: { a: { id: 1, type: 'string' }, b: { id: 2, type: 'bytes' }, c: { id: 3, type: 'string' } },
        reserved: [[9, 9], 'old'],
      },
      S: { methods: { Do: { requestType: 'M', responseType: 'M' } } },
    },
  }
  const after: Thing = {
    nested: {
      M: {
        fields: { a: { id: 4, type: 'string' }, b: { id: 2, type: 'string' }, d: { id: 9, type: 'string' } },
      },
      S: { methods: { Do: { requestType: 'M', responseType: 'M', responseStream: true } } },
    },
  }
  t.strictSame(breaks(before, after, ''), [
    '.M.a has another number or type',
    '.M.b has another number or type',
    '.M.c was dropped, and 3 is not reserved',
    '.M.d uses what was reserved',
    '.S.Do is another method, or gone',
  ])
  const dropped = { nested: { M: { fields: {}, reserved: [[1, 3], [9, 9], 'a', 'b', 'c'] } } } as Thing
  t.strictSame(breaks({ nested: { M: before.nested?.M ?? {} } }, dropped, ''), [])
})

t.test('the comment of every rpc says whether it may be sent again', async (t) => {
  const folder = 'proto/drover/v1'
  let rpcs = 0
  for (const file of readdirSync(folder)) {
    const lines = readFileSync(`${folder}/${file}`, 'utf8').split('\n')
    for (const [index, line] of lines.entries()) {
      const [, rpc] = /^\s*rpc (\w+)\(/.exec(line) ?? []
      if (rpc === undefined) continue
      rpcs += 1
      let start = index
      while (/^\s*\/\//.test(lines[start - 1] ?? '')) start -= 1
      const comment = lines.slice(start, index).join('\n')
      t.match(comment, /^\s*\/\/ (Idempotent|Not idempotent): \w/m, `${file}: ${rpc}`)
    }
  }
  t.ok(rpcs > 20)
})
