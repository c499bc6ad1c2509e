import * as v from 'valibot'
import * as names from '../../lib/names.ts'
import { type AnyState, defineState } from '../../lib/state.ts'

/** Small states with one of each power that the compiler knows; their own reading and steps are beside the point. */
const never = () => {
  throw new Error('the compiler reads no host')
}

const Owner = v.nullish(names.OwnerName)

export const file: AnyState = defineState({
  type: 'file',
  name: names.ManagedPath,
  props: v.strictObject({
    sha256: v.nullish(v.string()),
    mode: v.nullish(names.Mode, '0644'),
    owner: Owner,
    group: Owner,
    validate: v.nullish(v.string()),
    absent: v.nullish(v.boolean(), false),
    backup: v.nullish(v.picklist(['none', 'beside', 'store'])),
  }),
  fields: v.strictObject({ sha256: v.string() }),
  desired: () => ({}),
  read: never,
  steps: never,
  requires: (name, { owner }) => [
    `directory:${name.slice(0, name.lastIndexOf('/'))}` as const,
    ...(owner ? [`user:${owner}` as const] : []),
  ],
  carriesContent: true,
  examples: [],
})

export const directory: AnyState = defineState({
  type: 'directory',
  name: names.ManagedPath,
  props: v.strictObject({
    mode: v.nullish(names.Mode, '0755'),
    owner: Owner,
    purge: v.nullish(v.boolean(), false),
    keep: v.nullish(v.array(v.string()), []),
  }),
  fields: v.strictObject({}),
  desired: () => ({}),
  read: never,
  steps: never,
  complete(name, props, all) {
    if (!props.purge) return props
    const inside = all.filter((one) => one.type === 'file' && one.name.startsWith(`${name}/`))
    return { ...props, keep: inside.map((one) => one.name) }
  },
  examples: [],
})

export const packageState: AnyState = defineState({
  type: 'package',
  name: names.PackageName,
  props: v.strictObject({ version: v.nullish(v.string()), hold: v.nullish(v.boolean()) }),
  fields: v.strictObject({}),
  desired: () => ({}),
  read: never,
  steps: never,
  examples: [],
})

export const service: AnyState = defineState({
  type: 'service',
  name: names.UnitName,
  props: v.strictObject({ running: v.nullish(v.boolean(), true), enabled: v.nullish(v.boolean(), true) }),
  fields: v.strictObject({}),
  desired: () => ({}),
  read: never,
  steps: never,
  reacts: ['restart', 'reload'],
  examples: [],
})

export const user: AnyState = defineState({
  type: 'user',
  name: names.AccountName,
  props: v.strictObject({
    groups: v.nullish(v.array(names.AccountName), []),
    shell: v.nullish(names.Path),
    system: v.nullish(v.boolean(), false),
    uid: v.nullish(v.pipe(v.number(), v.integer())),
  }),
  fields: v.strictObject({}),
  desired: () => ({}),
  read: never,
  steps: never,
  sets: ['groups'],
  examples: [],
})

export const states: ReadonlyMap<string, AnyState> = new Map(
  [file, directory, packageState, service, user].map((state) => [state.type, state]),
)
