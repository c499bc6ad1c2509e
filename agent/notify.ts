import { execFile } from 'node:child_process'
import { PATH } from '../lib/programs.ts'

/** What systemd is told of the agent; nothing where it did not start it. */
export interface Notify {
  ready(): void
  stopping(): Promise<void>
  close(): void
}

export type NotifyParts = {
  readonly env: Readonly<Record<string, string | undefined>>
  /** What is stuck, `null` for nothing. While something is, systemd hears nothing, and starts the agent anew. */
  readonly stuck: () => string | null
  /** One line for `systemctl status`. */
  readonly status: () => string
  readonly warn: (message: string, what: string) => void
}

// What `systemctl status` shows is this old at most.
const TOLD_EVERY_MS = 30_000
const TIMEOUT_MS = 10_000

/** Speaks through systemd-notify: Node has no sockets of datagrams. */
export function openNotify({ env, stuck, status, warn }: NotifyParts): Notify {
  const socket = env.NOTIFY_SOCKET
  if (!socket) return { ready: () => undefined, stopping: async () => undefined, close: () => undefined }
  const tell = (...words: string[]) =>
    new Promise<void>((resolve) => {
      const options = { env: { PATH, NOTIFY_SOCKET: socket }, timeout: TIMEOUT_MS }
      execFile('systemd-notify', words, options, (error) => {
        if (error) warn('systemd could not be told', error.message)
        resolve()
      })
    })
  const watchdogMs = Number(env.WATCHDOG_USEC ?? 0) / 1000
  // Twice within its patience, as systemd asks for, and no more: a program is started each time.
  const everyMs = watchdogMs > 0 ? Math.min(watchdogMs / 2, TOLD_EVERY_MS) : TOLD_EVERY_MS
  const feedEach = Math.max(1, Math.floor(watchdogMs / 2 / everyMs))
  let told = ''
  let beats = 0
  const beat = () => {
    const what = stuck()
    if (what !== null) {
      warn('nothing moves any more, so systemd is not told that all is well', what)
      return
    }
    beats += 1
    const now = status()
    if (now === told && (watchdogMs === 0 || beats < feedEach)) return
    const words = [...(watchdogMs > 0 ? ['WATCHDOG=1'] : []), ...(now === told ? [] : [`--status=${now}`])]
    told = now
    beats = 0
    void tell(...words)
  }
  let timer: NodeJS.Timeout | null = null
  return {
    ready() {
      told = status()
      void tell('--ready', `--status=${told}`)
      timer = setInterval(beat, everyMs)
    },
    stopping: () => tell('--stopping', '--status=stopping'),
    close() {
      if (timer !== null) clearInterval(timer)
    },
  }
}
