import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import type { Test } from 'tap'

type Call = 'fsyncSync' | 'writeSync' | 'writeFileSync' | 'renameSync' | 'openSync'

/** How a disk fails: from the nth of these calls on, or at that one alone. */
export type Fault = {
  readonly calls: readonly Call[]
  readonly code: 'EIO' | 'ENOSPC' | 'EROFS'
  /** Counted from 1; 0 for never. */
  readonly at: number
  readonly lasts: boolean
}

/** Does some work on a disk that fails in this process alone, and says how many of the calls were made. */
export async function onBrokenDisk(
  t: Test,
  { calls, code, at, lasts }: Fault,
  work: () => Promise<void>,
): Promise<number> {
  const module = fs as unknown as Record<Call, (...args: unknown[]) => unknown>
  const real = { ...module }
  let made = 0
  const isDue = (nth: number) => at > 0 && (nth === at || (lasts && nth > at))
  const mend = () => {
    Object.assign(fs, Object.fromEntries(calls.map((name) => [name, real[name]])))
    syncBuiltinESMExports()
  }
  t.teardown(mend)
  for (const name of calls) {
    module[name] = (...args) => {
      const reads = name === 'openSync' && (args[1] === undefined || args[1] === 'r' || isReading(args[1]))
      if (!reads) made += 1
      if (!reads && isDue(made)) {
        // A disk that is full had room for a part.
        if (code === 'ENOSPC') real.writeSync(args[0], half(args[1]))
        throw Object.assign(new Error(`${code}: injected, ${name}`), { code, syscall: name })
      }
      return real[name](...args)
    }
  }
  syncBuiltinESMExports()
  try {
    await work()
  } finally {
    mend()
  }
  return made
}

const half = (data: unknown) => Buffer.from(data as string).subarray(0, Buffer.byteLength(data as string) / 2)
const CHANGES = fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT
const isReading = (flags: unknown) => typeof flags === 'number' && (flags & CHANGES) === 0
