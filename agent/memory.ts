import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// An agent that idles holds less; what a run left behind is then worth a collection of about 10 ms.
const WORTH_BYTES = 14 * 1024 * 1024

type Collect = (how: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void
let collect: Collect | null = null

/** Gives back what a large run took: left alone, the engine would keep it until it needs it, and an agent idles. */
export function giveBackMemory(): void {
  if (process.memoryUsage().heapUsed < WORTH_BYTES) return
  if (collect === null) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as Collect
  }
  // No other flavour gives pages back to the kernel at once.
  setImmediate(collect, { type: 'major', execution: 'sync', flavor: 'last-resort' })
}
