import * as v from 'valibot'
import { Failure } from '../lib/failure.ts'
import type { Host, Stat } from '../lib/host.ts'
import { SERVICE_TIMEOUT_MS } from '../lib/limits.ts'
import { absent } from '../lib/paths.ts'
import type { Declaration } from '../lib/pre-image.ts'
import { putBack, restorePaths } from '../lib/restore.ts'
import { defineState } from '../lib/state.ts'
import { command, type Step } from '../lib/step.ts'
import { fileOf, laterOf, liveOf, oneSpace, pathOf, related, SysctlName, settingIn } from '../lib/sysctls.ts'

const ACCESS = '0644 root root'

const flag = (usual: boolean, description: string) =>
  v.optional(v.pipe(v.boolean(), v.description(description)), usual)

/**
 * A setting of the kernel: its value now, and its value after a boot.
 *
 * The name is what `sysctl` calls it; a dot within a part is written as a slash: `net.ipv4.conf.eth0/100.rp_filter`.
 * The value of a boot is kept in /etc/sysctl.d/zz-drover-NAME.conf, one file for each setting, so that two roles never
 * meet in one file and a removal takes one file away. `absent` removes that file and leaves the value as it is now.
 * In a container most settings belong to the machine below it, which a check says.
 */
export const sysctl = defineState({
  type: 'sysctl',
  name: SysctlName,

  props: v.pipe(
    v.strictObject({
      value: v.optional(
        v.nullable(
          v.pipe(
            v.union(
              [v.string(), v.number()],
              'a value is a string or a number; write 1 for on and 0 for off',
            ),
            v.transform((value) => oneSpace(`${value}`)),
            v.minLength(1, 'a value is not empty'),
            v.description(
              'The value. Required unless `absent`. How many blanks stand between its parts does not matter.',
            ),
          ),
        ),
        null,
      ),
      live: flag(true, 'The kernel has this value now.'),
      persist: flag(true, 'It has this value after a boot. `false` removes what drover wrote for that.'),
      if_present: flag(
        false,
        'Nothing is done now when the kernel has no such setting, as before a module is loaded.',
      ),
      absent,
    }),
    v.check(({ value, absent }) => value !== null || absent, '"value" must be declared'),
  ),

  fields: v.strictObject({
    live: v.nullable(v.string()),
    /** What a boot sets. */
    persisted: v.nullable(v.string()),
    /** Mode, owner and group of the file. */
    access: v.nullable(v.string()),
    /** A file that is read later and has the last word. */
    overridden_by: v.string(),
    writable: v.boolean(),
  }),

  desired(_name, { value, live, persist, absent }) {
    if (absent) return null
    return {
      ...(live && { live: value }),
      persisted: persist ? value : null,
      ...(persist && { access: ACCESS }),
    }
  },

  async read(name, { value, live, persist, if_present, absent }, host) {
    const stat = await host.stat(fileOf(name))
    if (absent) return stat && { live: null, writable: true, ...(await persistedOf(name, stat, false, host)) }
    // What the kernel changes along with it is looked at too: it is then known that this may change first.
    for (const other of related(name)) await host.stat(pathOf(other))
    const now = live ? await liveOf(name, host) : { live: null, writable: true }
    return {
      live: now.live === null && if_present ? value : now.live,
      writable: now.writable,
      ...(await persistedOf(name, stat, persist, host)),
    }
  },

  steps(name, { value, persist, if_present, absent }, changes, current) {
    const path = fileOf(name)
    if (absent) return [{ do: 'remove', path, recursive: false }]
    if (changes.has('live')) refuseUnsettable(name, current)
    if (changes.has('persisted') && persist) refuseOverridden(name, current)
    const steps: Step[] = []
    // The kernel first: a value that it refuses is not kept for the next boot.
    if (changes.has('live')) {
      const argv = ['sysctl', '--quiet', '--write', '--', `${name}=${value}`] as const
      steps.push(command(argv, SERVICE_TIMEOUT_MS, [`file:${pathOf(name)}`]))
    }
    if (!changes.has('persisted') && !changes.has('access')) return steps
    if (!persist) return [...steps, { do: 'remove', path, recursive: false }]
    const content = { text: `# Kept by drover.\n${if_present ? '-' : ''}${name} = ${value}\n` }
    const how = { mode: '0644', owner: 'root', group: 'root', validate: null, backup: null }
    return [...steps, { do: 'write', path, content, ...how }]
  },

  watches: (name, { live, absent }) => [
    { path: fileOf(name) },
    ...(live && !absent ? [{ path: pathOf(name) }] : []),
  ],

  requires: (name) => related(name).map((other) => `sysctl:${other}` as const),

  restore(name, { live }, { fields, paths }) {
    const gone: Declaration = { type: 'sysctl', name, props: { absent: true } }
    const file = paths.some(({ was }) => was !== null) ? restorePaths(paths, 'file') : putBack(gone)
    const value = fields?.live ?? null
    if (!live || value === null) return file
    const now = { type: 'sysctl', name, props: { value, persist: false, if_present: true } }
    return { back: [now, ...file.back.filter((one) => one !== gone)], stays: file.stays }
  },

  examples: [
    `sysctl: net.ipv4.ip_forward
value: 1`,
    `sysctl: net.netfilter.nf_conntrack_max
value: 262144
if_present: true`,
  ],
})

async function persistedOf(name: string, stat: Stat | null, persist: boolean, host: Host) {
  const later = persist ? await laterOf(name, host) : null
  const said = { overridden_by: later?.path ?? '' }
  if (stat === null) return { ...said, persisted: later?.value ?? null, access: null }
  const text = stat.kind === 'file' ? ((await host.text(fileOf(name))) ?? '') : ''
  const access = `${stat.mode} ${stat.owner} ${stat.group}`
  return { ...said, persisted: later?.value ?? settingIn(text, name) ?? oneSpace(text), access }
}

function refuseUnsettable(name: string, current: { live: string | null; writable: boolean } | null): void {
  if (current === null || (current.live !== null && current.writable)) return
  if (current.live === null) {
    const hint = 'is its kernel module loaded? declare "if_present: true" when it may be missing'
    throw new Failure('not-found', `the kernel of this host has no setting ${name}`, { about: name, hint })
  }
  throw new Failure('denied', `${name} is read-only on this host`, {
    about: name,
    hint: 'in a container, set it on the machine below; declare "live: false" to change what a boot sets alone',
  })
}

function refuseOverridden(name: string, current: { overridden_by: string } | null): void {
  const path = current?.overridden_by ?? ''
  if (path === '') return
  throw new Failure('conflict', `${name} is set to another value by ${path}, which is read later at boot`, {
    about: name,
    hint: 'take it out there, or declare "persist: false"',
  })
}
