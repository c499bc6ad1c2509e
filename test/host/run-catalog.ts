import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'valibot'
import { parse as parseYaml } from 'yaml'
import { converge } from '../../agent/converge.ts'
import { openHost } from '../../agent/host.ts'
import { openJournal, readJournal } from '../../agent/journal.ts'
import { perform } from '../../agent/perform.ts'
import { order, type Resource } from '../../lib/catalog.ts'
import { milliseconds } from '../../lib/names.ts'
import { pathsOf, type ResourceId } from '../../lib/state.ts'
import { states } from '../../states/index.ts'

/**
 * Stands in for `drover local` until that is there: the resources of one role, with no expressions in them.
 * `node run-catalog.js SITE check|apply` prints the result as JSON.
 */

const STATE_DIR = '/var/lib/drover'
const [site = '.', mode = 'check'] = process.argv.slice(2)
const role = join(site, 'roles/test')
const blobs = new Map<string, Buffer>()
const host = openHost(STATE_DIR)

type Declared = Record<string, unknown>
const META = ['needs', 'restart_on', 'reload_on', 'timeout'] as const

const ids = (declared: unknown) =>
  ([declared].flat() as (ResourceId | undefined)[]).filter((id) => id !== undefined)

function resourcesOf(declared: Declared): Resource[] {
  const [type = '', names] = Object.entries(declared)[0] ?? []
  const state = states.get(type)
  if (state === undefined) throw new Error(`no state is named ${type}`)
  const { content, source, ...given } = Object.fromEntries(
    Object.entries(declared).filter(([key]) => key !== type && !META.includes(key as 'needs')),
  )
  const bytes =
    content !== undefined
      ? Buffer.from(`${content}`)
      : source !== undefined
        ? readFileSync(join(role, 'files', `${source}`))
        : null
  const sha256 = bytes && createHash('sha256').update(bytes).digest('hex')
  if (bytes && sha256) blobs.set(sha256, bytes)
  return ([names].flat() as string[]).map((name) => ({
    id: `${type}:${name}`,
    type,
    name,
    props: parse(state.props, { ...given, ...(sha256 && { sha256 }) }),
    needs: ids(declared.needs),
    reactions: [
      ...ids(declared.restart_on).map((on) => ({ reaction: 'restart' as const, on })),
      ...ids(declared.reload_on).map((on) => ({ reaction: 'reload' as const, on })),
    ],
    timeoutMs: declared.timeout === undefined ? null : milliseconds(`${declared.timeout}`),
    onRemove: null,
    tags: [],
    origins: [],
  }))
}

function catalog(): Resource[] {
  const { resources } = parseYaml(readFileSync(join(role, 'role.yaml'), 'utf8')) as { resources: Declared[] }
  const all = resources.flatMap(resourcesOf)
  const known = new Set(all.map(({ id }) => id))
  const declared = all.map((one) => ({ ...one, paths: pathsOf(states.get(one.type), one.name, one.props) }))
  return order(
    all.map((one) => {
      const state = states.get(one.type)
      const implied = state?.requires?.(one.name, one.props) ?? []
      const props = state?.complete?.(one.name, one.props, declared) ?? one.props
      return { ...one, props, needs: [...new Set([...one.needs, ...implied])].filter((id) => known.has(id)) }
    }),
  )
}

const resources = catalog()
const common = { host, states, blobs, tell: () => undefined }
if (mode === 'check') {
  const { debts } = readJournal(STATE_DIR)
  const journal = {
    owe: () => undefined,
    begin: () => undefined,
    paid: () => undefined,
    debts: (id: ResourceId) => debts.filter((debt) => debt.id === id),
  }
  const refuse = async () => {
    throw new Error('a check performs nothing')
  }
  print(await converge({ resources }, { ...common, mode, journal, perform: refuse }))
} else {
  const journal = openJournal(STATE_DIR)
  const effects = {
    host,
    stateDir: STATE_DIR,
    blobs,
    writing: journal.writing,
    waiting: (what: string) => process.stderr.write(`${what}\n`),
    signal: undefined,
  }
  const result = await converge(
    { resources },
    { ...common, mode: 'apply', journal, perform: (step, timeoutMs) => perform(step, timeoutMs, effects) },
  )
  journal.finish(new Set(resources.map(({ id }) => id)))
  print(result)
}

function print(result: unknown): void {
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
