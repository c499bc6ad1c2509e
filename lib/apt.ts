import { Failure } from './failure.ts'
import type { Argv } from './host.ts'
import { APT_TIMEOUT_MS } from './limits.ts'
import type { Fields, Planned } from './state.ts'
import type { AptAction, AptStep } from './step.ts'

/** What drover asks of apt, and what it lets it do. A plan and its performance share all of it. */

/** Without these a host can't be reached, or can't be mended. Essential packages apt guards by itself. */
const PROTECTED = new Set([
  'apt',
  'dpkg',
  'drover',
  'init',
  'libc6',
  'openssh-server',
  'systemd',
  'systemd-sysv',
])

const KEEP_CONFFILES = ['-o', 'Dpkg::Options::=--force-confdef', '-o', 'Dpkg::Options::=--force-confold']

/** Exactly the same for the solver and for the transaction itself: another option could mean another answer. */
export function aptArguments(step: AptStep): string[] {
  const gone = [...step.remove, ...step.purge]
  const installs = step.install.length > 0
  return [
    // A name that is unknown is an error, not a regular expression that removes half of the host.
    ...['-y', '-q', '-o', 'APT::Cmd::Pattern-Only=true', '-o', 'APT::Get::AutomaticRemove=false'],
    ...(step.recommends === null
      ? []
      : [step.recommends ? '--install-recommends' : '--no-install-recommends']),
    ...(step.mayDowngrade.length > 0 ? ['--allow-downgrades'] : []),
    ...KEEP_CONFFILES,
    ...(step.purge.length > 0 ? ['--purge'] : []),
    // What is half unpacked can go as it is.
    ...(gone.length > 0 ? ['-o', 'Dpkg::Options::=--force-remove-reinstreq'] : []),
    ...(step.reinstall ? ['--reinstall'] : []),
    ...(installs
      ? ['install', '--', ...step.install, ...gone.map((name) => `${name}-`)]
      : ['remove', '--', ...gone]),
  ]
}

/** Asks the solver; takes no lock and changes nothing. */
export const simulation = (step: AptStep): Argv => [
  'apt-get',
  '--simulate',
  ...['-o', 'APT::Get::Show-User-Simulation-Note=false'],
  // These change nothing of the answer; they let `objection` say by name what apt would refuse without one.
  ...['--allow-downgrades', '--allow-change-held-packages'],
  ...aptArguments(step),
]

/** Whether apt has anything to install or to remove, beside marks. */
export const isTransaction = ({ install, remove, purge }: AptStep) =>
  install.length + remove.length + purge.length > 0

/** What the `package` state's declarations ask of apt together. */
export type PackageProps = {
  readonly version: string | null
  readonly release: string | null
  readonly hold: boolean | null
  readonly recommends: boolean | null
  readonly allow_remove: readonly string[]
  readonly allow_downgrade: boolean
  readonly allow_protected: boolean
  readonly absent: boolean
  readonly purge: boolean
}
type PlannedPackage = Planned<PackageProps, Fields & { readonly held: boolean; readonly torn: boolean }>

/** One step for all packages that differ. Its transaction is for the solver to say. */
export function stepOf(planned: readonly PlannedPackage[]): AptStep {
  const names = (which: (one: PlannedPackage) => boolean) => planned.filter(which).map(({ name }) => name)
  const isInstalled = ({ changes, props }: PlannedPackage) =>
    !props.absent && INSTALLING.some((field) => changes.has(field))
  return {
    do: 'apt',
    install: planned.filter(isInstalled).map(wanted),
    remove: names(({ props }) => props.absent && !props.purge),
    purge: names(({ props }) => props.absent && props.purge),
    manual: names((one) => one.changes.has('manual') && !isInstalled(one)),
    hold: names((one) => one.props.hold === true && (one.changes.has('held') || isInstalled(one))),
    unhold: names(
      (one) =>
        one.current?.held === true &&
        (one.props.hold === false || (one.props.hold === true && isInstalled(one))),
    ),
    reinstall: planned.some((one) => isInstalled(one) && one.current?.torn === true),
    recommends: planned[0]?.props.recommends ?? null,
    mayRemove: [...new Set(planned.flatMap(({ props }) => props.allow_remove))],
    mayDowngrade: names(({ props }) => props.allow_downgrade),
    mayRemoveProtected: planned.some(({ props }) => props.allow_protected),
    refresh: false,
    transaction: null,
    timeoutMs: APT_TIMEOUT_MS,
  }
}

const INSTALLING = ['exists', 'installed', 'version', 'latest']

function wanted({ name, props: { version, release } }: PlannedPackage): string {
  if (version !== null) return `${name}=${version}`
  return release === null ? name : `${name}/${release}`
}

/**
 * Why a transaction is not what was declared, or `null`. Removals, downgrades and held packages have to be asked for
 * by name; the solver alone decides none of them.
 *
 * @param held the packages that are held on the host
 */
export function objection(
  step: AptStep,
  transaction: readonly AptAction[],
  held: ReadonlySet<string>,
): Failure | null {
  const removals = transaction.filter(({ action }) => action === 'remove' || action === 'purge')
  const gone = new Set([...step.remove, ...step.purge, ...step.mayRemove])
  const names = (actions: readonly AptAction[]) => actions.map(({ name }) => name).join(', ')

  const guarded = step.mayRemoveProtected ? [] : removals.filter(({ name }) => PROTECTED.has(name))
  if (guarded.length > 0) return isProtected(names(guarded))
  const unasked = removals.filter(({ name }) => !gone.has(name))
  if (unasked.length > 0)
    return new Failure('conflict', `apt would remove ${names(unasked)}, which nobody declared absent`, {
      hint: `declare it absent, or allow_remove: [${names(unasked)}]`,
    })
  const down = transaction.filter(
    (one) => one.action === 'downgrade' && !step.mayDowngrade.includes(one.name),
  )
  if (down.length > 0)
    return new Failure('conflict', `apt would downgrade ${down.map(fromTo).join(', ')}`, {
      hint: 'if it is meant, declare the version and allow_downgrade: true',
    })
  const touched = transaction.filter(
    ({ action, name }) => action !== 'configure' && held.has(name) && !step.unhold.includes(name),
  )
  if (touched.length > 0)
    return new Failure('conflict', `apt would change ${names(touched)}, which is held on this host`, {
      hint: 'declare it with hold: true or false, or lift the hold with "apt-mark unhold"',
    })
  return null
}

const isProtected = (names: string) =>
  new Failure('conflict', `${names} would be removed, without which this host can't be reached or mended`, {
    hint: 'if it is meant, declare allow_protected: true',
  })

/** Why a step is not even worth asking the solver, or `null`. */
export function protection({ remove, purge, mayRemoveProtected }: AptStep): Failure | null {
  const guarded = [...remove, ...purge].filter((name) => PROTECTED.has(name))
  return mayRemoveProtected || guarded.length === 0 ? null : isProtected(guarded.join(', '))
}

const fromTo = ({ name, from, to }: AptAction) => `${name} from ${from} to ${to}`

/** What apt would do now that a plan did not show. Less than was shown is no difference: someone did it meanwhile. */
export function surprises(shown: readonly AptAction[], now: readonly AptAction[]): AptAction[] {
  const known = new Set(shown.map((action) => JSON.stringify(action)))
  return now.filter((one) => one.action !== 'configure' && !known.has(JSON.stringify(one)))
}

/** One line of a transaction, for a sentence. */
export function actionText({ action, name, from, to }: AptAction): string {
  return `${action} ${name} ${[from, to].filter((version) => version !== null).join(' -> ')}`
}
