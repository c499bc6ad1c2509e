import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { type Agent, type AgentParts, openAgent } from '../../agent/agent.ts'
import { readAllFacts } from '../../agent/hardware.ts'
import { openHost } from '../../agent/host.ts'
import { type AgentIdentity, readIdentity, renewAt, storeRenewed } from '../../agent/identity.ts'
import { check, openSession } from '../../agent/local.ts'
import { openNotify } from '../../agent/notify.ts'
import { bytesOf } from '../../agent/records.ts'
import { openSecrets, secretKeysOf } from '../../agent/secrets.ts'
import { type AgentSettings, readAgentSettings } from '../../agent/settings.ts'
import { Failure } from '../../lib/failure.ts'
import { STOP_MS } from '../../lib/limits.ts'
import { openLog } from '../../lib/log.ts'
import { STATE_DIR } from '../../lib/state-dirs.ts'
import { states } from '../../states/index.ts'
import type { CommonOptions, Context } from '../context.ts'
import { EXIT } from '../exit.ts'
import { ownPath } from '../own-path.ts'
import { VERSION } from '../version.ts'

export type AgentOptions = CommonOptions & { readonly state?: string; readonly once?: boolean }

const FIRST_CATALOG_MS = 20_000
const SETTINGS_FILE = '/etc/drover/agent.yaml'

/** `drover agent`: keeps this host as its master says, until it is told to stop. */
export async function runAgent(context: Context, options: AgentOptions): Promise<number> {
  // Catalogs, reports and keys are nobody else's.
  process.umask(0o077)
  const { state, once = false } = options
  const settings = {
    stateDir: STATE_DIR,
    servers: null,
    ...(await readSettings(SETTINGS_FILE)),
    ...(state !== undefined && { stateDir: resolve(state) }),
  }
  ownPath(settings.stateDir)
  const parts = partsOf(context, settings, once)
  const agent = openAgent(settings, parts)
  return once ? runOnce(agent) : runOn(context, agent, parts)
}

async function runOn({ env }: Context, agent: Agent, { log }: AgentParts): Promise<number> {
  const notify = openNotify({
    env,
    stuck: () => agent.stuck(),
    status: () => agent.status(),
    warn: (message, what) => log.warn(message, { what }),
  })
  const stop = stopped()
  notify.ready()
  log.info('ready', { version: VERSION })
  await stop
  log.info('stopping')
  await notify.stopping()
  await agent.close(STOP_MS)
  notify.close()
  return EXIT.done
}

/** Fetches, runs and reports once, for hosts that would rather have a timer than a daemon. */
async function runOnce(agent: Agent): Promise<number> {
  void stopped().then(() => agent.close(STOP_MS))
  await agent.met
  // A host that has just joined gets its catalog when the master has its facts.
  await Promise.race([agent.equipped, after(isMet(agent) ? FIRST_CATALOG_MS : 0, null, { ref: false })])
  const report = await agent.settled()
  const met = isMet(agent)
  await agent.close(STOP_MS)
  const { planned = 0, failed = 0 } = report?.head.counts ?? {}
  const found = (planned > 0 ? EXIT.due : 0) + (failed > 0 || report?.head.problem ? EXIT.resourceFailed : 0)
  return found + (met ? 0 : EXIT.unreachable)
}

const isMet = (agent: Agent) => agent.status().startsWith('master there')

function partsOf({ stderr, env }: Context, { stateDir }: AgentSettings, once: boolean): AgentParts {
  const dir = join(stateDir, 'identity')
  let identity = joined(dir)
  // Of the key that it has now: what is shown in place of a secret stays the same as long as this process lives.
  const { fingerprintKey } = secretKeysOf(identity)
  const chance = Math.random()
  const keep = (next: AgentIdentity) => {
    identity = next
  }
  return {
    version: VERSION,
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    credentials: () => identity,
    addresses: identity.addresses,
    certificate: {
      generation: () => identity.generation,
      expiresAt: () => identity.expiresAt,
      dueAt: () => renewAt(identity, chance),
      store: ({ certificate_chain: chain, roots, generation }) =>
        keep(storeRenewed(dir, { chain, roots, generation })),
      async recover() {
        const { recoverIdentity } = await import('../../agent/join.ts')
        keep(await recoverIdentity(dir))
      },
    },
    states,
    host: openHost(stateDir),
    check,
    openSession,
    readFacts: () => readAllFacts(stateDir),
    openSecrets: (catalog, blobs, sealed) =>
      openSecrets(catalog, blobs, sealed, { identity: identity.ageIdentity, fingerprintKey }),
    log: openLog(
      (line) => void stderr.write(line),
      () => new Date().toISOString(),
      env.JOURNAL_STREAM === undefined ? 'logfmt' : 'journald',
    ),
    atOnce: once,
  }
}

function joined(dir: string): AgentIdentity {
  const identity = readIdentity(dir)
  if (identity !== null) return identity
  throw new Failure('not-found', 'this host has not joined a master', {
    about: dir,
    hint: 'make an invitation with "drover invite" on the master, and use it here with "drover join"',
  })
}

/** Strict YAML is a parser of some weight, and most hosts have no such file. */
async function readSettings(path: string): Promise<Partial<AgentSettings>> {
  const bytes = bytesOf(path)
  if (bytes === null) return {}
  const [{ parseYaml }, { Diagnostics }, { descend, plain }] = await Promise.all([
    import('../../master/site/yaml.ts'),
    import('../../master/site/diagnostics.ts'),
    import('../../master/site/tree.ts'),
  ])
  const found = new Diagnostics()
  const start = { file: 'agent.yaml', line: 1, column: 1 }
  const tree = await parseYaml({ path: 'agent.yaml', size: bytes.length, bytes }, found)
  const read = readAgentSettings(tree && plain(tree))
  if ('issues' in read) {
    for (const { path, message } of read.issues)
      found.error('E_SETTING', tree === null ? start : descend(tree, path), message)
  }
  const errors = found.sorted().filter(({ severity }) => severity === 'error')
  if (errors.length === 0 && !('issues' in read)) return read
  const { BadSite } = await import('../site.ts')
  throw new BadSite(dirname(path), errors)
}

/** Fulfilled by the first signal that ends it. */
function stopped(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => done())
  })
}
