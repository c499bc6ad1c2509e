import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { type FileHandle, link, open, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { Failure, reasonOf } from '../../lib/failure.ts'
import { type Context, formOf, OUTPUT_VERSION } from '../context.ts'
import { EXIT } from '../exit.ts'
import { printValue } from '../machine.ts'
import type { AskOptions } from '../master-place.ts'
import { type Operator, withOperator } from '../operator.ts'
import type { Print } from '../print.ts'

// Bytes of a megabyte, as a person reads it.
const MEGABYTE = 1_000_000

/** `drover backup`: a checked copy of the master's store, taken while it runs. */
export async function backup(context: Context, file: string, options: AskOptions): Promise<number> {
  const { print } = context
  const sums = `${file}.sha256`
  for (const path of [file, sums]) if (existsSync(path)) throw taken(path)
  const part = `${file}.part`
  let sha256 = ''
  let bytes = 0
  try {
    ;({ sha256, bytes } = await withOperator(context, options, (operator) => receive(operator, part, print)))
    await check(part, file)
    await writeNew(
      `${sums}.part`,
      async (handle) => void (await handle.write(`${sha256}  ${basename(file)}\n`)),
    )
    // A name that somebody took meanwhile is not overwritten.
    await link(part, file).catch((error) => refuse(error, file))
    await link(`${sums}.part`, sums).catch((error) => refuse(error, sums))
    await syncFolder(dirname(file))
  } finally {
    print.live(null)
    for (const path of [part, `${sums}.part`]) await rm(path, { force: true })
  }
  const form = formOf(options)
  if (form !== 'table') await printValue(print, form, { version: OUTPUT_VERSION, file, bytes, sha256 })
  else {
    print.out([[['bold', file], `: ${(bytes / MEGABYTE).toFixed(1)} MB, whole`]])
    print.err([
      [['dim', 'The keys are not in it: keep a copy of pki/ and secrets.key of the master beside it.']],
    ])
  }
  return EXIT.done
}

async function receive(operator: Operator, part: string, print: Print) {
  const hash = createHash('sha256')
  let bytes = 0
  await writeNew(part, async (handle) => {
    for await (const { data } of operator.stream('Backup', {})) {
      hash.update(data)
      bytes += data.length
      await handle.write(data)
      print.live([`${(bytes / MEGABYTE).toFixed(1)} MB`])
    }
  })
  return { sha256: hash.digest('hex'), bytes }
}

/** A file of one's own that was not there before, on disk when this returns. */
async function writeNew(path: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(path, 'wx', 0o600).catch((error) => refuse(error, path))
  try {
    // Whatever the umask takes away or leaves.
    await handle.chmod(0o600)
    await write(handle)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function check(part: string, file: string): Promise<void> {
  const { connect } = await import('../../master/store/sqlite.ts')
  let problems: readonly string[]
  try {
    const connection = connect(part, 'copy')
    problems = connection.problems(false)
    connection.close()
  } catch (error) {
    problems = [reasonOf(error)]
  }
  if (problems.length === 0) return
  throw new Failure('internal', `the copy is not whole: ${problems.slice(0, 3).join('; ')}`, {
    about: file,
    hint: 'nothing was kept; look at "drover doctor"',
  })
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  await folder.sync().finally(() => folder.close())
}

const taken = (path: string) =>
  new Failure('conflict', 'this file is there already', { about: path, hint: 'a backup overwrites nothing' })

function refuse(error: NodeJS.ErrnoException, path: string): never {
  if (error.code === 'EEXIST') throw taken(path)
  throw new Failure('unavailable', `the backup can't be written: ${reasonOf(error)}`, {
    about: path,
    cause: error,
  })
}
