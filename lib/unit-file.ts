import * as v from 'valibot'
import type { Argv, Host } from './host.ts'
import { UnitName } from './names.ts'

/** Files of /etc/systemd/system by their path there: `app.service`, or `app.service.d/limits.conf` for a drop-in. */

const FOLDER = '/etc/systemd/system'
// Where systemd looks for a unit besides, the nearest first.
const OTHER_FOLDERS = ['/run/systemd/system', '/usr/local/lib/systemd/system', '/lib/systemd/system']
const DROP_IN = /^([^/]+)\.d\/[A-Za-z0-9_@:.-]{1,200}\.conf$/

export const UnitFileName = v.pipe(
  v.string('a unit name is a string'),
  v.check(
    (name) => v.is(UnitName, unitOf(name)) && !/\.scope$/.test(unitOf(name)),
    'a unit is named such as "app.service", and a drop-in of it such as "app.service.d/limits.conf"',
  ),
)

export const unitPath = (name: string): string => `${FOLDER}/${name}`

export const isDropIn = (name: string): boolean => DROP_IN.test(name)

/** The unit that a file is about. */
export const unitOf = (name: string): string => DROP_IN.exec(name)?.[1] ?? name

/** A template such as `app@.service` is no unit that systemd could be asked about. */
export const isTemplate = (name: string): boolean => /@\.[a-z]+$/.test(unitOf(name))

/** What systemd goes by, as far as this file is concerned. */
export async function knownOf(name: string, host: Host) {
  if (isTemplate(name)) return { loaded: true, stale: false, active: false, enabled: false }
  const unit = await host.unit(unitOf(name))
  const path = unitPath(name)
  const state = unit.get('LoadState') ?? ''
  const reads = isDropIn(name)
    ? (unit.get('DropInPaths') ?? '').split(' ').includes(path)
    : unit.get('FragmentPath') === path
  // systemd reads no drop-in of a unit that it can't find or that is masked.
  const idle = isDropIn(name) && (state === 'not-found' || state === 'masked')
  const outdated = unit.get('NeedDaemonReload') === 'yes'
  return {
    // A new file in front of a packaged one that is loaded is no reason for NeedDaemonReload.
    loaded: idle || (reads && !outdated),
    stale: reads && outdated,
    active: ['active', 'reloading', 'activating'].includes(unit.get('ActiveState') ?? ''),
    enabled: (unit.get('UnitFileState') ?? '').startsWith('enabled'),
  }
}

/** Whether a unit is still there when this file is gone. */
export async function isPackaged(name: string, host: Host): Promise<boolean> {
  for (const folder of OTHER_FOLDERS) if ((await host.stat(`${folder}/${unitOf(name)}`)) !== null) return true
  return false
}

/** Whether there is a unit, by systemd's word or by a file that is planned; of a template systemd says nothing. */
export async function isUnitThere(name: string, host: Host): Promise<boolean> {
  if ((await host.stat(unitPath(name))) !== null || (await isPackaged(name, host))) return true
  return !isTemplate(name) && (await host.unit(name)).get('LoadState') !== 'not-found'
}

/**
 * systemd's own judgement, which fails for what systemd would otherwise ignore with a warning.
 *
 * A unit is judged before it is put in place, under its own name; a drop-in with its unit, once it is in place.
 */
export function verifier(name: string): Argv {
  const what = isDropIn(name) ? unitOf(name) : `%s:${name}`
  return ['systemd-analyze', 'verify', '--man=no', '--recursive-errors=no', '--', what]
}
