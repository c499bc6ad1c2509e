import type { Print } from './print.ts'

export type Interrupt = {
  /** After the first signal: the resource under way is finished, the rest is left. */
  readonly stop: AbortSignal
  /** After the second: the command under way is ended too. */
  readonly kill: AbortSignal
  /** Signals have their usual effect again. */
  done(): void
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Turns signals into an orderly end. */
export function onInterrupt(
  print: Print,
  said = 'interrupted: finishing the resource under way; once more ends its command',
): Interrupt {
  const stop = new AbortController()
  const kill = new AbortController()
  const on = () => {
    if (stop.signal.aborted) kill.abort()
    else print.err([[said]])
    stop.abort()
  }
  for (const signal of SIGNALS) process.on(signal, on)
  return {
    stop: stop.signal,
    kill: kill.signal,
    done: () => {
      for (const signal of SIGNALS) process.removeListener(signal, on)
    },
  }
}
