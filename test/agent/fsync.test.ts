import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

/**
 * What a power cut leaves is what was synced before it, so the order is looked at from outside: by the system calls of
 * a file that is written between two records of the journal.
 */
const PROGRAM = `
import { makeDirectory, makeLink, remove, write } from './files.js'
import { openJournal } from './journal.js'
const [work] = process.argv.slice(1)
const ids = { uid: process.getuid(), gid: process.getgid() }
const put = (name) =>
  write({ path: work + '/' + name, bytes: Buffer.from('x'), mode: 0o600, ...ids }, async () => undefined)
const journal = openJournal(work + '/state')
journal.owe([{ id: 'service:x', trigger: { on: 'file:x', reaction: 'restart' } }])
await put('owed')
journal.begin('service:x', 'evidence')
await put('begun')
journal.finish(new Set())
makeDirectory(work + '/made', 0o700, ids)
makeLink(work + '/link', 'begun')
remove(work + '/begun', false)
`
const CALLS = 'write,fsync,rename,renameat,renameat2,mkdir,mkdirat,symlink,symlinkat,unlink,unlinkat'

/** Such as `fsync state/journal`; the directory itself is `.`. */
function callsOf(dir: string): string[] {
  const work = join(dir, 'work')
  mkdirSync(work)
  const out = join(dir, 'calls')
  const strace = ['-f', '-qq', '-y', '-o', out, '-e', `trace=${CALLS}`]
  // tap would load its own hooks into it.
  const node = ['env', '--unset=NODE_OPTIONS', process.execPath, '--input-type=module', '-e', PROGRAM, work]
  const cwd = join(import.meta.dirname, '../../agent')
  const { status, stderr, error } = spawnSync('strace', [...strace, ...node], { encoding: 'utf8', cwd })
  if (status !== 0) throw new Error(`strace: ${stderr}`, { cause: error })
  return readFileSync(out, 'utf8')
    .split('\n')
    .filter((line) => line.includes(work) || line.includes('/proc/self/fd/'))
    .map((line) => line.replaceAll(/\.drover-[0-9a-f]{16}\.tmp/g, 'TMP'))
    .map((line) => wordsOf(line, work))
}

function wordsOf(line: string, work: string): string {
  const [, call = '', rest = ''] = /^\d+ +([a-z0-9]+)\((.*)$/.exec(line) ?? []
  const name = call.replace(/at2?$/, '')
  if (name === 'write' || name === 'fsync') {
    const [, path = ''] = /^\d+<([^>]*)>/.exec(rest) ?? []
    return `${name} ${path.slice(work.length + 1) || '.'}`
  }
  const paths = [...rest.matchAll(/"([^"]*)"/g)].map(([, path = '']) =>
    path.replace(/^\/proc\/self\/fd\/\d+\//, '').replace(`${work}/`, ''),
  )
  return [name, ...paths].join(' ')
}

t.test('what an apply does is on disk before what follows from it', async (t) => {
  const calls = callsOf(t.testdir())
  const swapped = (name: string) => ['write TMP', 'fsync TMP', `rename TMP ${name}`, 'fsync .']
  const begun = ['write state/journal.new', 'fsync state/journal.new']
  const renewed = [`rename state/journal.new state/journal`, 'fsync state']
  const recorded = ['write state/journal', 'fsync state/journal']
  t.strictSame(
    calls.filter((call) => call !== 'mkdir state'),
    [
      // An empty record is written without a write.
      ...begun.slice(1),
      ...renewed,
      ...recorded,
      ...swapped('owed'),
      ...recorded,
      ...swapped('begun'),
      'write state/journal',
      ...begun.slice(1),
      ...renewed,
      ...['mkdir made', 'fsync made', 'fsync .'],
      ...['symlink begun TMP', 'rename TMP link', 'fsync .'],
      ...['unlink begun', 'fsync .'],
    ],
  )
})
