import { spawnSync } from 'node:child_process'
import { lstatSync, readFileSync, readlinkSync } from 'node:fs'

/** One thing that is hurt, and what shows that it is as it was: the path itself, that it exists, or a text in it. */
export type Hurt = {
  readonly argv: readonly string[]
  readonly path: string
  readonly exists?: boolean
  readonly match?: string
}

/** Milliseconds from the end of the tool until it was as before; `null`: it was not, in time. */
export type Took = { readonly type: string; readonly ms: number | null }

const MAX_MS = 20_000
const LOOK_MS = 2
const PAUSE_MS = 250

/** Runs on the host: `node damage-measure.js`, with `[type, hurt]` pairs as JSON on stdin; says `Took`s as JSON. */
function main(): void {
  const hurts = JSON.parse(readFileSync(0, 'utf8')) as [string, Hurt][]
  const took = hurts.map(([type, hurt]) => ({ type, ms: measure(hurt) }))
  process.stdout.write(JSON.stringify(took))
}

function measure(hurt: Hurt): number | null {
  const before = signOf(hurt)
  const [program = '', ...rest] = hurt.argv
  const { status, stderr } = spawnSync(program, rest, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${hurt.argv.join(' ')}: ${stderr}`)
  const from = performance.now()
  let ms = 0
  while (signOf(hurt) !== before && ms < MAX_MS) {
    pause(LOOK_MS)
    ms = performance.now() - from
  }
  pause(PAUSE_MS)
  return ms < MAX_MS ? ms : null
}

function signOf({ path, exists, match }: Hurt): string {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return 'nothing'
  if (exists) return 'there'
  if (match !== undefined) return String(new RegExp(match, 'm').test(textOf(path)))
  const content = stat.isSymbolicLink() ? readlinkSync(path) : stat.isFile() ? textOf(path) : ''
  return `${stat.mode} ${stat.uid} ${content}`
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It is being replaced.
    return ''
  }
}

const word = new Int32Array(new SharedArrayBuffer(4))
const pause = (ms: number) => void Atomics.wait(word, 0, 0, ms)

main()
