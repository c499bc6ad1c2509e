import * as v from 'valibot'
import { Failure } from '../lib/failure.ts'
import { SERVICE_TIMEOUT_MS } from '../lib/limits.ts'
import { UnitName } from '../lib/names.ts'
import { putBack } from '../lib/restore.ts'
import { type Changes, defineState } from '../lib/state.ts'
import { command, type RunStep, type Step } from '../lib/step.ts'
import { DAEMON_RELOAD } from '../lib/systemd.ts'

/**
 * A systemd unit: whether it runs now, whether it starts at boot, whether it can be started at all.
 *
 * A restart is not a state, so it cannot be declared here: declare `restart_on` or `reload_on`. systemd is told to
 * read its unit files again by itself when they are newer than what it knows.
 */
export const service = defineState({
  type: 'service',
  // systemctl would answer for no unit at all if one of them were no unit.
  name: v.pipe(
    UnitName,
    v.check(
      (name) => !/^@|@\.[a-z]+$/.test(name),
      'a template is started as an instance, such as "app@1.service"',
    ),
  ),

  props: v.strictObject({
    running: v.optional(v.nullable(v.pipe(v.boolean(), v.description('The unit is active.'))), true),
    enabled: v.optional(v.nullable(v.pipe(v.boolean(), v.description('The unit starts at boot.'))), true),
    masked: v.optional(
      v.nullable(v.pipe(v.boolean(), v.description('Nothing can start the unit, not even another unit.'))),
      false,
    ),
  }),

  fields: v.strictObject({
    running: v.boolean(),
    enabled: v.boolean(),
    masked: v.boolean(),
    /** systemd has read the unit's files as they are now. */
    loaded: v.boolean(),
    can_reload: v.boolean(),
    static: v.boolean(),
    invocation: v.string(),
    reloaded_at: v.string(),
    job: v.string(),
    found: v.boolean(),
  }),

  desired(_name, { running, enabled, masked }) {
    return {
      ...(masked !== null && { masked }),
      loaded: true,
      ...(enabled !== null && !masked && { enabled }),
      ...(running !== null && { running: running && !masked }),
    }
  },

  async read(name, { enabled }, host) {
    const unit = await host.unit(name)
    const state = unit.get('UnitFileState') ?? ''
    const masked = unit.get('LoadState') === 'masked' || state.startsWith('masked')
    return {
      running: ['active', 'reloading', 'activating'].includes(unit.get('ActiveState') ?? ''),
      // A unit without an [Install] section can't be enabled, and need not be: others pull it in.
      enabled:
        state.startsWith('enabled') ||
        (['static', 'indirect', 'generated', 'alias'].includes(state) && enabled === true),
      masked,
      // Of a masked unit it reads nothing, and never stops asking for that where there are drop-ins.
      loaded: masked || unit.get('NeedDaemonReload') !== 'yes',
      can_reload: unit.get('CanReload') === 'yes',
      static: state === 'static',
      invocation: unit.get('InvocationID') ?? '',
      reloaded_at: /start_time=\[([^\]]*)\]/.exec(unit.get('ExecReload') ?? '')?.[1] ?? '',
      job: unit.get('Job') ?? '',
      found: unit.get('LoadState') !== 'not-found',
    }
  },

  steps(name, { running }, changes, current) {
    const wants = (field: string) => changes.get(field)?.to === true
    if (current?.found === false && (wants('running') || wants('enabled'))) {
      throw new Failure('not-found', `unit ${name} is not there`, {
        about: name,
        hint: 'is its package or its unit in this role?',
      })
    }
    const unmasks = changes.get('masked')?.to === false
    const steps: Step[] = []
    if (unmasks) steps.push(systemctl('unmask', name))
    if (changes.has('loaded') || unmasks) steps.push(DAEMON_RELOAD)
    if (changes.has('enabled')) steps.push(systemctl(wants('enabled') ? 'enable' : 'disable', name))
    if (changes.get('running')?.to === false) steps.push(systemctl('stop', name))
    if (wants('masked')) steps.push(systemctl('mask', name))
    // A unit that is started here has read its files already, so it needs no restart.
    if (wants('running')) return [...steps, systemctl('start', name)]
    const runsOn = current?.running === true && current.found && running !== false && !changes.has('running')
    return runsOn ? [...steps, ...reactionSteps(name, changes, current.can_reload)] : steps
  },

  reacts: ['restart', 'reload'],

  // A job that is under way is a restart that systemd goes on with though nobody waits for it any more.
  evidence: (current) => current && [current.invocation, current.reloaded_at, current.job].join(' '),

  watches: (name) => [{ unit: name }],

  requires(name) {
    const [base = name] = name.split(/@|\.[a-z]+$/)
    // An instance runs what its template says.
    const names = [...new Set([name, name.replace(/@.*(?=\.[a-z]+$)/, '@')])]
    return [...names.flatMap((one) => [`unit:${one}`, `unit:${one}.d/*`] as const), `package:${base}`]
  },

  restore(name, { running, enabled, masked }, { fields, gone }) {
    // Of a unit that was not there nothing runs on, and no link to it stays.
    const { running: ran = false, enabled: began = false, masked: hid = false } = fields ?? {}
    const props = {
      running: running === null || hid ? null : ran,
      enabled: enabled === null || hid ? null : began,
      masked: masked === null ? null : hid,
    }
    return {
      ...putBack({ type: 'service', name, props }),
      runsOn: ran && !hid && !gone.some(isUnitOrPackage),
    }
  },

  examples: [
    `service: nginx.service
reload_on: [file:/etc/nginx/nginx.conf]`,
    `service: rpcbind.service
running: false
enabled: false
masked: true`,
  ],
})

/** And no drop-in: without these there is no service. */
const isUnitOrPackage = (id: string) => /^(package:|unit:[^/]+$)/.test(id)

/** A restart reads everything that a reload would. */
function reactionSteps(name: string, changes: Changes, canReload: boolean): Step[] {
  if (changes.has('restart') || (changes.has('reload') && !canReload)) return [systemctl('restart', name)]
  return changes.has('reload') ? [systemctl('reload', name)] : []
}

function systemctl(verb: string, unit: string): RunStep {
  return command(['systemctl', verb, '--', unit], SERVICE_TIMEOUT_MS, [`unit:${unit}`])
}
