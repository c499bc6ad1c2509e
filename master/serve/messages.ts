import type { Readable } from 'node:stream'
import { Failure } from '../../lib/failure.ts'

/**
 * The messages of a call; Failure('unavailable') when it is cut off. Node's own iteration of a stream tears it down at the end, and
 * makes an error for that each time, stack and all.
 */
export async function* messagesOf(call: Readable): AsyncGenerator<unknown> {
  let wake = () => {}
  let end: Error | 'whole' | 'cut off' | null = null
  const over = (how: Error | 'whole' | 'cut off') => {
    end ??= how
    wake()
  }
  call.on('readable', () => wake())
  call.once('end', () => over('whole'))
  call.once('error', over)
  call.once('close', () => over('cut off'))
  for (;;) {
    const message: unknown = call.read()
    if (message !== null) yield message
    else if (end === 'whole') return
    else if (end === 'cut off') throw new Failure('unavailable', 'the call is over')
    else if (end !== null) throw end
    else await new Promise<void>((resolve) => (wake = resolve))
  }
}
