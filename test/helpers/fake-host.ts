import type { LiveHost } from '../../agent/host.ts'
import type { Debt, Journal } from '../../agent/journal.ts'
import type { Ledger } from '../../agent/ledger.ts'
import type { Resource, Trigger } from '../../lib/catalog.ts'
import type { Stat } from '../../lib/host.ts'
import { sha256 } from '../../lib/sha256.ts'
import type { ResourceId } from '../../lib/state.ts'
import type { Content, Step } from '../../lib/step.ts'

type File = { stat: Stat; text: string }

const STAT: Stat = {
  kind: 'file',
  mode: '0644',
  owner: 'root',
  group: 'root',
  bytes: 0,
  links: 1,
  target: null,
}

/** A host held in memory: `perform` writes what the host reads. It knows nothing of Debian. */
export function fakeHost() {
  const files = new Map<string, File>()
  const units = new Map<string, Map<string, string>>()
  const stamps = new Set<string>()
  const performed: Step[] = []
  /** Steps of a path or unit in here throw. */
  const broken = new Set<string>()
  let invocations = 0

  const host: LiveHost = {
    accounts: () => ({ users: new Map(), groups: new Map(), userOf: new Map(), groupOf: new Map() }),
    forget: () => undefined,
    stat: async (path) =>
      path === '/etc' ? { ...STAT, kind: 'directory' } : (files.get(path)?.stat ?? null),
    sha256: async (path) => sha256(files.get(path)?.text ?? ''),
    text: async (path) => files.get(path)?.text ?? null,
    list: async (path) =>
      [...files.keys()]
        .filter((file) => file.startsWith(`${path}/`))
        .map((file) => file.slice(path.length + 1)),
    package: async () => null,
    aptIndex: async () => null,
    candidate: async () => null,
    unit: async (name) => units.get(name) ?? new Map([['LoadState', 'not-found']]),
    user: async (name) => ({
      name,
      uid: 0,
      gid: 0,
      comment: '',
      home: '/root',
      shell: '/bin/sh',
      password: '!',
      expires: null,
      ageing: { min: null, max: null, warn: null, inactive: null },
    }),
    group: async (name) => ({ name, gid: 0, members: [] }),
    userOf: async () => null,
    groupOf: async () => null,
    groups: async () => [],
    query: async () => {
      throw new Error('the fake host answers no query')
    },
    probe: async (argv) => ({
      argv,
      code: 1,
      signal: null,
      stdout: '',
      stderr: '',
      ms: 0,
      timedOut: false,
      missing: false,
    }),
    stamp: async (hash) => stamps.has(hash),
  }

  const perform = async (step: Step): Promise<void> => {
    performed.push(step)
    if ('path' in step && broken.has(step.path)) throw new Error(`${step.path} is broken`)
    if (step.do === 'stamp') stamps.add(step.hash)
    if (step.do === 'run') systemctl(step.pipe[0])
    if ('path' in step) onPath(step)
  }
  const onPath = (step: Extract<Step, { path: string }>): void => {
    const { path } = step
    const now = files.get(path) ?? { stat: STAT, text: '' }
    if (step.do === 'write')
      files.set(path, { stat: { ...STAT, mode: step.mode ?? '0644' }, text: textOf(step.content) })
    if (step.do === 'mkdir')
      files.set(path, { ...now, stat: { ...STAT, kind: 'directory', mode: step.mode } })
    if (step.do === 'chmod') files.set(path, { ...now, stat: { ...now.stat, mode: step.mode } })
    if (step.do === 'remove') files.delete(path)
  }
  const systemctl = ([, verb = '', , name = '']: readonly string[]) => {
    const unit = units.get(name)
    if (broken.has(name)) {
      // systemd counts an attempt that failed as well.
      unit?.set('InvocationID', String(++invocations))
      throw new Error(`${name} is broken`)
    }
    if (verb === 'enable') unit?.set('UnitFileState', 'enabled')
    if (verb === 'start') unit?.set('ActiveState', 'active')
    if (verb === 'stop') unit?.set('ActiveState', 'inactive')
    if (verb === 'start' || verb === 'restart') unit?.set('InvocationID', String(++invocations))
  }
  const addUnit = (name: string, active: boolean) => {
    units.set(
      name,
      new Map([
        ['LoadState', 'loaded'],
        ['ActiveState', active ? 'active' : 'inactive'],
        ['UnitFileState', 'enabled'],
        ['InvocationID', String(++invocations)],
      ]),
    )
  }
  const put = (path: string, text = '') => void files.set(path, { stat: STAT, text })
  return { host, perform, put, files, units, performed, broken, addUnit }
}

const textOf = (content: Content) => ('text' in content ? content.text : `blob ${content.sha256}`)

/** A journal held in memory, for a run that is not to be killed. */
export function fakeJournal(debts: Debt[] = []): Pick<Journal, 'debts' | 'owe' | 'begin' | 'paid'> {
  const forget = (gone: (debt: Debt) => boolean) => {
    for (const debt of debts.filter(gone)) debts.splice(debts.indexOf(debt), 1)
  }
  return {
    debts: (id) => debts.filter((debt) => debt.id === id),
    owe(owed) {
      for (const { id, trigger } of owed) {
        forget((debt) => debt.id === id && debt.trigger.on === trigger.on)
        debts.push({ id, trigger, begun: null })
      }
    },
    begin(id, evidence) {
      const begun = debts.filter((debt) => debt.id === id)
      forget((debt) => debt.id === id)
      debts.push(...begun.map((debt) => ({ ...debt, begun: evidence })))
    },
    paid: (id) => forget((debt) => debt.id === id),
  }
}

/** A ledger that remembers nothing. */
export const fakeLedger: Pick<Ledger, 'own' | 'unchanged' | 'release'> = {
  own: async () => undefined,
  unchanged: () => undefined,
  release: () => undefined,
}

/** A resource as the compiler makes it, in short. */
export function resource(
  id: ResourceId,
  props: Record<string, unknown>,
  more: Partial<Resource> = {},
): Resource {
  const at = id.indexOf(':')
  return {
    id,
    type: id.slice(0, at),
    name: id.slice(at + 1),
    props,
    needs: [],
    reactions: [],
    timeoutMs: null,
    onRemove: null,
    tags: [],
    origins: [],
    ...more,
  }
}

export const restartOn = (on: ResourceId): Trigger => ({ reaction: 'restart', on })
