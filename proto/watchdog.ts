/** Waits for a word that is due within some time. */
export interface Watchdog {
  /** A word has come: the time begins anew. */
  heard(): void
  end(): void
  /** Nothing has come in time, and `expired` was called. */
  readonly late: boolean
}

// A process that was stopped, or busy, reads what has come meanwhile before it finds that nothing has.
const LOOKS = 4

/** Calls `expired` when nothing has come for so long, of which a pause of this whole process counts for a part. */
export function watchdog(quietMs: number, expired: () => void): Watchdog {
  let quiet = 0
  const look = () => {
    quiet += 1
    if (quiet < LOOKS) return
    clearInterval(timer)
    expired()
  }
  const timer = setInterval(look, quietMs / LOOKS)
  return {
    heard: () => {
      if (quiet === LOOKS) return
      quiet = 0
      timer.refresh()
    },
    end: () => clearInterval(timer),
    get late() {
      return quiet === LOOKS
    },
  }
}
