import { rmSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { Failure } from '../../lib/failure.ts'
import { verifyChain } from './audit-chain.ts'
import { sha256OfFile } from './checksum.ts'
import { Commits } from './commits.ts'
import { groups } from './groups.ts'
import { migrations } from './migrate.ts'
import { openFile } from './open-file.ts'
import { sizeOf } from './sizes.ts'
import { type Connection, connect, copyDurably, damaged, explained, isLogLarge } from './sqlite.ts'
import type { Db } from './tables.ts'
import { type Answer, type Call, packed, START, type Start } from './wire.ts'

/**
 * The store works in threads of its own, so that no fsync and no long query holds up who serves hosts: one writes, one
 * reads, and one is started for what takes long.
 */

type Operation = (db: Db, ...args: unknown[]) => Promise<unknown>

const port = parentPort
if (port === null) throw new Error("this file is the store's thread, and nothing to start by itself")
const { kind, path } = workerData as Start
const say = (...answers: Answer[]) => port.postMessage(answers)
const fail = (id: number, error: unknown) => say({ id, error: packed(explained(path, error)) })

const operation = ({ noun, name }: Call, side: 'reads' | 'writes'): Operation => {
  const found = (groups as unknown as Record<string, Record<string, Record<string, Operation>>>)[noun]?.[
    side
  ]?.[name]
  if (found === undefined) throw new Error(`the store has no ${noun}.${name}`)
  return found
}

async function write(): Promise<(call: Call) => void> {
  const connection = await openFile(path, migrations)
  const answers: Answer[] = []
  const flush = () => {
    if (answers.length > 0) say(...answers.splice(0))
  }
  const settle = (answer: Answer) => {
    answers.push(answer)
    // All that one commit has made true is said at once.
    if (answers.length === 1) queueMicrotask(flush)
  }
  const commits = new Commits(connection)
  keepLogSmall(connection, commits)
  return (call) => {
    if (call.noun === 'thread') {
      void commits.idle().then(() => end(connection, call))
      return
    }
    commits.add({
      run: (db) => operation(call, 'writes')(db, ...call.args),
      settle: (outcome) =>
        settle(
          'error' in outcome
            ? { id: call.id, error: packed(explained(path, outcome.error)) }
            : { id: call.id, value: outcome.value },
        ),
    })
  }
}

const LOOK_AT_LOG_MS = 1_000

function keepLogSmall(connection: Connection, commits: Commits): void {
  const look = () => {
    if (!connection.inTransaction && isLogLarge(connection)) connection.emptyLog()
  }
  setInterval(() => void commits.idle().then(look), LOOK_AT_LOG_MS).unref()
}

/** The caller waits for each, which is in a transaction of its own, so that all of its queries see the same. */
async function read(): Promise<(call: Call) => Promise<void>> {
  const connection = connect(path, 'read')
  return async (call) => {
    if (call.noun === 'thread') return end(connection, call)
    try {
      connection.begin()
      say({ id: call.id, value: await operation(call, 'reads')(connection.db, ...call.args) })
    } catch (error) {
      fail(call.id, error)
    } finally {
      connection.rollback()
    }
  }
}

async function keep(): Promise<(call: Call) => void> {
  const connection = connect(path, 'keep')
  const works: Record<string, (...args: never[]) => Promise<unknown>> = {
    backup: (to: string) => backup(connection, to),
    integrity: async () => [...connection.problems(false), ...(await verifyChain(connection.db))],
  }
  return (call) => {
    if (call.noun === 'thread') return end(connection, call)
    works[call.name]?.(...(call.args as never[])).then(
      (value) => say({ id: call.id, value }),
      (error) => fail(call.id, error),
    )
  }
}

async function backup(connection: Connection, to: string): Promise<{ bytes: number; sha256: string }> {
  if (sizeOf(to) > 0) throw new Failure('conflict', 'the file is there already', { about: to })
  copyDurably(connection, to)
  const copy = connect(to, 'copy')
  const problems = copy.problems(false)
  copy.close()
  if (problems.length > 0) {
    rmSync(to)
    throw damaged(path, problems)
  }
  return { bytes: sizeOf(to), sha256: await sha256OfFile(to) }
}

function end(connection: Connection, call: Call): void {
  connection.close()
  say({ id: call.id, value: null })
  port?.close()
}

try {
  const handle = await { write, read, keep }[kind]()
  port.on('message', (calls: Call[]) => {
    for (const call of calls) void handle(call)
  })
  say({ id: START, value: null })
} catch (error) {
  fail(START, error)
}
