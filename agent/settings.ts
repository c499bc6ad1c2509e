import * as v from 'valibot'
import { STATE_DIR } from '../lib/state-dirs.ts'

/** Of /etc/drover/agent.yaml and the flags of `drover agent`. */
export type AgentSettings = {
  /** Where the agent keeps its identity, catalog, journal and reports; shared with `drover local`. */
  readonly stateDir: string
  /** `host:port` of the master; `null`: those that it named when this host joined. */
  readonly servers: readonly string[] | null
}

const ADDRESS = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]):\d{1,5}$/i
const MAX_SERVERS = 8

const SCHEMA = v.strictObject({
  state: v.optional(
    v.pipe(
      v.string('a path is expected'),
      v.regex(/^\//, `an absolute path is expected, such as ${STATE_DIR}`),
    ),
  ),
  servers: v.optional(
    v.pipe(
      v.array(
        v.pipe(
          v.string('an address is expected, such as master.example:7440'),
          v.regex(ADDRESS, 'an address with its port is expected, such as master.example:7440'),
        ),
        'a list of addresses is expected',
      ),
      v.minLength(1, 'at least one address is expected; leave the key out for those of the join'),
      v.maxLength(MAX_SERVERS, `at most ${MAX_SERVERS} addresses are expected`),
    ),
  ),
})

/** What is wrong with a settings file, and where in it. */
export type SettingsIssue = { readonly path: readonly (string | number)[]; readonly message: string }

/** What the settings file says. */
export function readAgentSettings(value: unknown): Partial<AgentSettings> | { issues: SettingsIssue[] } {
  // An empty file says nothing, which is fine.
  const read = v.safeParse(SCHEMA, value ?? {})
  if (!read.success) return { issues: read.issues.map(issueOf) }
  const { state, servers } = read.output
  return { ...(state !== undefined && { stateDir: state }), ...(servers !== undefined && { servers }) }
}

function issueOf({ path, message, type, expected }: v.BaseIssue<unknown>): SettingsIssue {
  const keys = (path ?? []).map(({ key }) => key as string | number)
  if (type !== 'strict_object') return { path: keys, message }
  const known = Object.keys(SCHEMA.entries).join(', ')
  if (expected === 'never') return { path: keys, message: `unknown key "${keys.at(-1)}"; known are ${known}` }
  return { path: keys, message: `keys with values are expected: ${known}` }
}
