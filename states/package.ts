import * as v from 'valibot'
import { isTransaction, objection, protection, simulation, stepOf } from '../lib/apt.ts'
import { parseTransaction, refusal, substitution } from '../lib/apt-answer.ts'
import { APT_INDEX_FRESH_MS } from '../lib/limits.ts'
import { Duration, PackageName } from '../lib/names.ts'
import { EXTENDED_STATES, heldOf, isOld, nothingToDo, withHalfDone, withPlainNames } from '../lib/packages.ts'
import { absent } from '../lib/paths.ts'
import { putBack } from '../lib/restore.ts'
import { defineState } from '../lib/state.ts'

const text = (pattern: RegExp, refusal: string, description: string) =>
  v.optional(
    v.nullable(v.pipe(v.string(refusal), v.regex(pattern, refusal), v.description(description))),
    null,
  )
const flag = (description: string) => v.optional(v.pipe(v.boolean(), v.description(description)), false)
const choice = (description: string) =>
  v.optional(v.nullable(v.pipe(v.boolean(), v.description(description))), null)

/**
 * A Debian package: that it is there or not, in which version, and whether it stays as it is.
 *
 * Consecutive packages become one transaction. What apt's solver makes of it (each package with its old and new
 * version) is part of the plan, and is refused when apt would do anything else by the time it is performed. Nothing is
 * ever removed, downgraded or taken off hold that is not declared so by its name. Configuration files keep what is in
 * them; no question is asked.
 *
 * The index is fetched when a wanted package or version is not in it, when a source was changed since, or when it is
 * older than `refresh`; what apt will do is then not known before, and the plan says so. Someone else's apt is
 * waited for; a dpkg that was interrupted is completed first, and the outcome names what that was about in `recovered`.
 */
export const packageState = defineState({
  type: 'package',
  name: PackageName,

  props: v.pipe(
    v.strictObject({
      version: text(
        /^[0-9A-Za-z.+~:-]+\*?$/,
        'a version is a quoted string, exact or its beginning with a "*", such as "1.22.*"',
        'Exactly this version, or the newest that begins so: `"1.22.1-9"`, `"1.22.*"`.',
      ),
      latest: flag('The newest version that the index has, always.'),
      release: text(
        /^[A-Za-z0-9][A-Za-z0-9._/+-]*$/,
        'a release is a suite or a codename, such as "bookworm-backports"',
        'The suite or codename it is to come from, such as `bookworm-backports`.',
      ),
      hold: choice('No upgrade changes it, neither by hand nor by a timer. Not managed unless given.'),
      manual: v.optional(
        v.nullable(
          v.pipe(
            v.literal(true),
            v.description('Wanted for itself, so that `apt autoremove` leaves it alone.'),
          ),
        ),
        true,
      ),
      recommends: choice('What it recommends is installed too. As apt is set up on the host unless given.'),
      refresh: v.optional(
        v.nullable(
          v.pipe(Duration, v.description('The index is fetched first when it is older, such as `1d`.')),
        ),
        null,
      ),
      allow_remove: v.optional(
        v.pipe(v.array(PackageName), v.description('Packages that may be removed to make way for it.')),
        [],
      ),
      allow_downgrade: flag('An older version may take the place of a newer one.'),
      allow_protected: flag('The removal may be of what keeps a host reachable, such as openssh-server.'),
      absent,
      purge: flag('With `absent`: its configuration and data in /etc and /var go too.'),
    }),
    v.check(
      ({ version, latest }) => version === null || !latest,
      '"version" and "latest" exclude each other',
    ),
    v.check(({ purge, absent }) => !purge || absent, '"purge" goes with absent: true'),
    v.check(
      ({ absent, version, latest, hold }) => !absent || (version === null && !latest && hold !== true),
      'what is absent has no "version", "latest" or "hold"',
    ),
  ),

  fields: v.strictObject({
    installed: v.boolean(),
    /** What is installed, or the pattern that it matches. */
    version: v.nullable(v.string()),
    latest: v.boolean(),
    held: v.boolean(),
    manual: v.boolean(),
    /** Half unpacked. */
    torn: v.boolean(),
  }),

  desired(_name, { absent, version, latest, hold, manual }) {
    if (absent) return null
    return {
      installed: true,
      ...(version !== null && { version }),
      ...(latest && { latest: true }),
      ...(hold !== null && { held: hold }),
      ...(manual !== null && { manual }),
    }
  },

  async read(name, { absent, purge, version, latest, release, refresh }, host) {
    const found = await host.package(name)
    if (found === null || (found.status === 'config-files' && !purge)) return null
    const installed = INSTALLED.has(found.status)
    return {
      installed,
      version: matches(version, found.version ?? '') ? version : found.version,
      latest:
        latest &&
        installed &&
        !isOld(await host.aptIndex(), refresh) &&
        (await host.candidate(name, release)) === found.version,
      held: found.held,
      torn: found.status === 'half-installed',
      manual: absent || !found.automatic,
    }
  },

  steps: (name, props, changes, current) => [stepOf([{ name, props, changes, current }])],

  async gather(planned, host) {
    const step = stepOf(await withPlainNames(planned, host))
    if (!isTransaction(step)) return [{ ...step, transaction: [] }]
    const guarded = protection(step)
    if (guarded !== null) throw guarded
    const index = await host.aptIndex()
    const unknown = [{ ...step, refresh: true, transaction: null }]
    const installs = step.install.length > 0
    if (installs && planned.some(({ props }) => isOld(index, props.refresh))) return unknown

    const answer = await host.query(simulation(step), ['disk:/etc/apt/*', 'package:*'])
    const why = answer.code === 0 ? substitution(answer.stdout) : refusal(answer)
    const mayCome = why?.code === 'not-found' && index !== null && index.ageMs > APT_INDEX_FRESH_MS
    if (mayCome && installs) return unknown
    if (why !== null) throw why
    const transaction = withHalfDone(parseTransaction(answer.stdout), planned)
    const refused = objection(step, transaction, await heldOf(transaction, host))
    if (refused !== null) throw refused
    if (transaction.length === 0) throw nothingToDo(planned)
    return [{ ...step, transaction }]
  },

  together: (one, other) =>
    one.recommends === other.recommends && !(one.absent && other.absent && one.purge !== other.purge),

  watches: () => [{ path: '/var/lib/dpkg/status' }, { path: EXTENDED_STATES }],

  restore(name, { hold, absent }, { fields }) {
    const was = fields?.installed === true
    // Its configuration and data stay: those may be anybody's.
    if (!was) return putBack({ type: 'package', name, props: { absent: true, hold: hold ? false : null } })
    const stays = absent ? [] : [`${name} stays in the version that it has`]
    const props = {
      manual: fields?.manual ? true : null,
      hold: hold === null ? null : (fields?.held ?? null),
    }
    return { back: [{ type: 'package', name, props }], stays }
  },

  sharesPaths: true,

  examples: [
    `package: [nginx, python3-django]`,
    `package: postgresql-15
version: "15.*"
hold: true`,
    `package: golang-go
release: bookworm-backports
recommends: false
refresh: 1d`,
    `package: exim4-base
absent: true
purge: true`,
  ],
})

/** Triggers that are still to run are run by the next dpkg; the package works. */
const INSTALLED = new Set(['installed', 'triggers-awaited', 'triggers-pending'])

const matches = (pattern: string | null, version: string) =>
  pattern?.endsWith('*') === true && version.startsWith(pattern.slice(0, -1))
