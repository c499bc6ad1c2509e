import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import type { Argv, Ended } from '../lib/host.ts'
import {
  EVIDENCE_BEFORE_MS,
  EVIDENCE_REST_MS,
  EVIDENCE_TIMEOUT_MS,
  MAX_EVIDENCE,
  MAX_EVIDENCE_CHARACTERS,
} from '../lib/limits.ts'
import { accountsReader } from './accounts.ts'
import { run1 } from './exec.ts'
import { lstat } from './lstat.ts'

/**
 * What is known of the time before a change that nobody asked drover for. It names what happened, and never who did
 * it: that one came before the other proves nothing, and whoever is root writes what they like into any of these.
 */

/** `Evidence` of the proto. */
export type Fact = { readonly at: number; readonly kind: string; readonly text: string }

/** Where a host keeps what happened; a test has its own. */
export type Sources = {
  readonly dpkgLog: string
  readonly sessions: string
  readonly ask: (argv: Argv) => Promise<Pick<Ended, 'code' | 'stdout'>>
}

/** All times are of the wall clock. */
export interface Witness {
  /** Which files were changed not long before `heardAt`, and whose they are now: a few of the first of them. */
  look(paths: readonly string[], heardAt: number): Fact[]
  /** What happened not long before `heardAt` and until `to`. Bounded in time and size. */
  around(heardAt: number, to: number): Promise<Fact[]>
}

const HOST: Sources = {
  dpkgLog: '/var/log/dpkg.log',
  sessions: '/run/systemd/sessions',
  ask: (argv) => run1(argv, { timeoutMs: EVIDENCE_TIMEOUT_MS }),
}
const MAX_FILES = 8
const MAX_SESSIONS = 32

export function openWitness(sources: Sources = HOST): Witness {
  const accounts = accountsReader()
  let last: { readonly at: number; readonly facts: readonly Fact[] } | null = null
  return {
    look: (paths, heardAt) =>
      paths
        .slice(0, MAX_FILES)
        .flatMap((path) => fileFact(path, accounts))
        .filter(({ at }) => at >= heardAt - EVIDENCE_BEFORE_MS),
    async around(heardAt, to) {
      const since = heardAt - EVIDENCE_BEFORE_MS
      // Who changes a hundred files one after the other is asked about once; what is cheap is read again.
      const isFresh = last !== null && performance.now() - last.at < EVIDENCE_REST_MS
      if (!isFresh) last = { at: performance.now(), facts: await journalFacts(sources, since) }
      const facts = [
        ...(last?.facts ?? []),
        ...packageFacts(sources.dpkgLog),
        ...sessionFacts(sources.sessions),
      ]
      return facts.filter(({ at, kind }) => at <= to && (at >= since || kind === 'session'))
    },
  }
}

/** The newest first, each once within its minute, no more and no longer than a report takes. */
export function told(facts: readonly Fact[]): Fact[] {
  const known = new Set<string>()
  return facts
    .toSorted((a, b) => b.at - a.at)
    .map((fact) => ({ ...fact, text: fact.text.slice(0, MAX_EVIDENCE_CHARACTERS) }))
    .filter(({ at, text }) => {
      const key = `${Math.floor(at / 60_000)} ${text}`
      return !known.has(key) && known.add(key)
    })
    .slice(0, MAX_EVIDENCE)
}

function fileFact(path: string, accounts: ReturnType<typeof accountsReader>): Fact[] {
  const stat = lstat(path)
  if (stat === null) return []
  // The later of both: a mode is changed, and a file moved here, without its content being written.
  const at = Math.round(Math.max(stat.mtimeMs, stat.ctimeMs))
  const owner = accounts().userOf.get(stat.uid) ?? String(stat.uid)
  return [{ at, kind: 'file', text: `${path} of ${owner} changed` }]
}

// "2026-03-01 14:00:00 install nginx:amd64 <none> 1.22.1-9", by the clock on the wall.
const DPKG = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (install|upgrade|remove|purge) (\S+) (\S+) (\S+)$/
const VERBS: Readonly<Record<string, string>> = {
  install: 'installed',
  upgrade: 'upgraded',
  remove: 'removed',
  purge: 'purged',
}
const TAIL_BYTES = 64 * 1024

const packageFacts = (log: string): Fact[] =>
  tailOf(log)
    .split('\n')
    .flatMap((line): Fact[] => {
      const [, day, time, verb = '', name = '', from = '', to = ''] = DPKG.exec(line) ?? []
      if (day === undefined) return []
      const version = verb === 'install' || verb === 'upgrade' ? to : from
      const text = `package ${name.replace(/:.*/, '')} ${VERBS[verb]} (${version})`
      return [{ at: Date.parse(`${day}T${time}`), kind: 'package', text }]
    })

function tailOf(path: string): string {
  let file: number | null = null
  try {
    file = openSync(path, 'r')
    const { size } = fstatSync(file)
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES))
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, size - bytes.length))
  } catch {
    return ''
  } finally {
    if (file !== null) closeSync(file)
  }
}

/** Of people; logind's files are its own, as `loginctl` shows them. */
function sessionFacts(dir: string): Fact[] {
  return textsIn(dir).flatMap((text): Fact[] => {
    const said = new Map(text.split('\n').map((line) => split(line, '=')))
    const user = said.get('USER')
    if (user === undefined || said.get('CLASS') !== 'user') return []
    const by = said.get('TTY') ?? said.get('SERVICE')
    const from = said.get('REMOTE_HOST')
    const words = [`session of ${user}`, ...(by ? [`on ${by}`] : []), ...(from ? [`from ${from}`] : [])]
    return [
      { at: Math.round(Number(said.get('REALTIME') ?? 0) / 1000), kind: 'session', text: words.join(' ') },
    ]
  })
}

function textsIn(dir: string): string[] {
  try {
    const names = readdirSync(dir).filter((name) => /^\w+$/.test(name))
    return names.slice(0, MAX_SESSIONS).map((name) => readFileSync(`${dir}/${name}`, 'utf8'))
  } catch {
    // No logind, or a session that has ended just now.
    return []
  }
}

// What these log is known by the program that said it, which journald asks the kernel: anyone may log as "sudo".
const PROGRAMS = ['_EXE=/usr/bin/sudo', '_EXE=/usr/bin/su'] as const
const MAX_ENTRIES = 50

async function journalFacts({ ask }: Sources, since: number): Promise<Fact[]> {
  const { code, stdout } = await ask([
    ...(['journalctl', '--quiet', '--no-pager', '--output=json', '--output-fields=MESSAGE'] as const),
    ...[`--since=@${Math.floor(since / 1000)}`, `--lines=${MAX_ENTRIES}`, ...PROGRAMS],
  ])
  return code === 0 ? stdout.split('\n').flatMap(entryFact) : []
}

function entryFact(line: string): Fact[] {
  try {
    const entry = JSON.parse(line)
    const text = typeof entry.MESSAGE === 'string' ? sudoText(entry.MESSAGE) : null
    return text === null
      ? []
      : [{ at: Math.round(Number(entry.__REALTIME_TIMESTAMP) / 1000), kind: 'sudo', text }]
  } catch {
    // The first line of what was too long, or the empty one after the last.
    return []
  }
}

const SU = /^\(to (\S+)\) (\S+) on (\S+)$/

// "anna : TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND=/usr/bin/mysql -psecret", without a TTY where there is none.
// One that was refused says why before all that: "anna : command not allowed ; TTY=pts/0 ; …".
function sudoText(message: string): string | null {
  const [, to, by, on] = SU.exec(message) ?? []
  if (to !== undefined) return `su to ${to} by ${by} on ${on}`
  const [user, rest] = split(message, ' : ')
  const at = rest.indexOf('COMMAND=')
  if (at < 0 || !/^[A-Z]+=/.test(rest)) return null
  const said = new Map(
    rest
      .slice(0, at)
      .split(' ; ')
      .map((part) => split(part, '=')),
  )
  // No argument is told: it may be a password.
  const [command] = rest.slice(at + 'COMMAND='.length).split(' ')
  const [tty, pwd] = [said.get('TTY'), said.get('PWD')]
  return `sudo by ${user.trim()}${tty ? ` on ${tty}` : ''}${pwd ? ` in ${pwd}` : ''} ran ${command}`
}

function split(line: string, at: string): [string, string] {
  const place = line.indexOf(at)
  return place < 0 ? [line, ''] : [line.slice(0, place), line.slice(place + at.length)]
}
