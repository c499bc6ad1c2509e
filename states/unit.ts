import { posix } from 'node:path'
import * as v from 'valibot'
import { managed } from '../lib/accounts.ts'
import { SERVICE_TIMEOUT_MS } from '../lib/limits.ts'
import { absent, force, Kind, needsOf, owned, ownerSteps, refuse } from '../lib/paths.ts'
import { putBack, restorePaths } from '../lib/restore.ts'
import { defineState } from '../lib/state.ts'
import { command, type Step } from '../lib/step.ts'
import { DAEMON_RELOAD } from '../lib/systemd.ts'
import {
  isDropIn,
  isPackaged,
  isTemplate,
  knownOf,
  UnitFileName,
  unitOf,
  unitPath,
  verifier,
} from '../lib/unit-file.ts'

/**
 * A unit of systemd, or a drop-in of one: a file below /etc/systemd/system that systemd has accepted and read.
 *
 * Its name is the path there: `app.service` is the unit whole, `app.service.d/limits.conf` one drop-in of it. systemd
 * verifies it, and reads its files again by itself; what runs is not restarted by that: let the service `restart_on`
 * it. `absent` gives a packaged unit of the same name back; a unit that has no other file is stopped and disabled first.
 */
export const unit = defineState({
  type: 'unit',
  name: UnitFileName,

  props: v.pipe(
    v.strictObject({
      sha256: v.nullish(v.pipe(v.string(), v.length(64)), null),
      verify: v.optional(
        v.pipe(
          v.boolean(),
          v.description(
            'systemd must accept the file: no unknown key, no value that it would ignore, no program that is not there. Otherwise the old file stays.',
          ),
        ),
        true,
      ),
      ...owned('0644'),
      force,
      absent,
    }),
    v.check(
      ({ sha256, absent }) => absent || sha256 !== null,
      'a unit needs "content", "template" or "source"',
    ),
  ),

  // The first five are `null` when there is no file, although systemd or a directory knows of it.
  fields: v.strictObject({
    kind: v.nullable(Kind),
    sha256: v.nullable(v.string()),
    mode: v.nullable(v.string()),
    owner: v.nullable(v.string()),
    group: v.nullable(v.string()),
    /** systemd has read this very file as it is now. */
    loaded: v.boolean(),
    active: v.boolean(),
    enabled: v.boolean(),
    /** A unit of the same name is there without this file. */
    packaged: v.boolean(),
    /** How many files are in the directory of drop-ins; `null`: it is not there. */
    drop_ins: v.nullable(v.number()),
  }),

  carriesContent: true,

  desired(name, { absent, sha256, mode, owner, group }) {
    if (absent) return null
    return {
      kind: 'file',
      sha256,
      ...managed({ mode, owner, group }),
      ...(!isTemplate(name) && { loaded: true }),
    }
  },

  async read(name, { absent }, host) {
    const path = unitPath(name)
    const stat = await host.stat(path)
    const { stale, ...known } = await knownOf(name, host)
    const beside = isDropIn(name) ? await host.list(posix.dirname(path)) : null
    // A mask is no file of the unit, but what a service may want in its place.
    if (absent && stat?.kind === 'link' && stat.target === '/dev/null') return null
    // Gone is a file only when systemd does not go by it any more; with a directory for it, it is not all that is missing.
    if (stat === null && (absent ? !stale : beside === null)) return null
    const { kind = null, mode = null, owner = null, group = null } = stat ?? {}
    return {
      ...{ kind, mode, owner, group, ...known },
      sha256: kind === 'file' && !absent ? await host.sha256(path) : null,
      packaged: absent && (await isPackaged(name, host)),
      drop_ins: beside?.length ?? null,
    }
  },

  steps(name, props, changes, current) {
    const path = unitPath(name)
    const { absent, sha256, mode, owner, group, force, verify } = props
    const { kind = null } = current ?? {}
    const recursive = refuse(path, kind === null || kind === 'link' ? null : { kind }, 'file', force)
    if (absent && current !== null) {
      const removes: Step[] = kind === null ? [] : [{ do: 'remove', path, recursive }]
      return [...endings(name, current), ...removes, ...tidyings(name, current), DAEMON_RELOAD]
    }
    const steps = clearings(name, current === null, kind === 'directory', recursive)
    if (current === null || changes.has('kind') || changes.has('sha256')) {
      const content = { sha256: sha256 ?? '' }
      const how = { mode, owner, group, backup: null, ...judged(name, verify) }
      steps.push({ do: 'write', path, content, ...how }, DAEMON_RELOAD)
      return steps
    }
    steps.push(...ownerSteps(path, props, changes))
    return changes.has('loaded') ? [...steps, DAEMON_RELOAD] : steps
  },

  watches: (name) => [{ path: unitPath(name) }, ...(isTemplate(name) ? [] : [{ unit: unitOf(name) }])],

  requires(name, props) {
    const unit = unitOf(name)
    const [base = unit] = unit.split(/@|\.[a-z]+$/)
    const owners = needsOf(unitPath(name), props)
    if (isDropIn(name)) return [...owners, `unit:${unit}`, `package:${base}`]
    // A socket that is verified must find its service.
    return unit.endsWith('.socket') ? [...owners, `unit:${unit.replace(/socket$/, 'service')}`] : owners
  },

  restore(name, { absent }, { fields, paths }) {
    const own = paths.find(({ path }) => path === unitPath(name))
    if (own === undefined) return putBack()
    if (own.was === null) return putBack({ type: 'unit', name, props: { absent: true } })
    if (own.was.kind !== 'file' || own.sha256 === null) return restorePaths([own], 'file')
    const { mode, owner, group } = own.was
    const props = { sha256: own.sha256, mode, owner, group, verify: false }
    const unit = { type: 'unit', name, props }
    if (!absent || isDropIn(name)) return putBack(unit)
    // What ran was stopped before its unit went.
    const service = { running: fields?.active ?? false, enabled: fields?.enabled ?? false }
    return putBack(unit, { type: 'service', name, props: service })
  },

  examples: [
    `unit: app.service
content: |
  [Service]
  ExecStart=/usr/bin/sleep infinity
  [Install]
  WantedBy=multi-user.target`,
    `unit: nginx.service.d/limits.conf
content: |
  [Service]
  LimitNOFILE=65536
restarts: service:nginx.service`,
    `unit: old.timer
absent: true`,
  ],
})

/**
 * systemd judges a drop-in together with its unit, which has to be there. That takes several times as long as all the rest
 * of a repair, and what it has accepted is the same when it is put back.
 */
function judged(name: string, verify: boolean) {
  if (!verify) return { validate: null, wants: [] }
  return {
    validate: verifier(name),
    validateOnce: true,
    wants: isDropIn(name) ? [`unit:${unitOf(name)}`] : [],
  }
}

/** The directory of drop-ins is made with the first of them. */
function clearings(name: string, isFirst: boolean, isDirectory: boolean, recursive: boolean): Step[] {
  const path = unitPath(name)
  if (isDropIn(name) && isFirst)
    return [{ do: 'mkdir', path: posix.dirname(path), mode: '0755', owner: 'root', group: 'root' }]
  return isDirectory ? [{ do: 'remove', path, recursive }] : []
}

type Reading = { readonly active: boolean; readonly enabled: boolean; readonly packaged: boolean }

/** Nothing runs on, and no link to it stays, when a unit loses its only file. */
function endings(name: string, { active, enabled, packaged }: Reading): Step[] {
  if (isDropIn(name) || packaged) return []
  const systemctl = (verb: string) =>
    command(['systemctl', verb, '--', name], SERVICE_TIMEOUT_MS, [`unit:${name}`])
  return [...(active ? [systemctl('stop')] : []), ...(enabled ? [systemctl('disable')] : [])]
}

/** A directory of drop-ins goes with the last of them. */
function tidyings(
  name: string,
  { kind, drop_ins }: { kind: string | null; drop_ins: number | null },
): Step[] {
  if (drop_ins === null || drop_ins > (kind === null ? 0 : 1)) return []
  return [{ do: 'remove', path: posix.dirname(unitPath(name)), recursive: false }]
}
