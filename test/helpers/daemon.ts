import { type ChildProcess, spawn } from 'node:child_process'

export const DROVER = ['dist/cli/main.js']

/** A process of drover that goes on, and what it says. */
export function daemon(args: readonly string[]) {
  const child: ChildProcess = spawn(process.execPath, [...DROVER, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  let heard: () => void = () => undefined
  const ended = new Promise<number | null>((done) => child.on('exit', (code) => done(code)))
  void ended.then(() => heard())
  child.stderr?.on('data', (bytes) => {
    said += bytes
    heard()
  })
  return {
    child,
    ended,
    said: () => said,
    /** Fulfilled when it has said so. */
    async until(what: RegExp): Promise<string> {
      for (;;) {
        const found = what.exec(said)
        if (found) return found[1] ?? ''
        if (child.exitCode !== null) throw new Error(`it has ended: ${said}`)
        await new Promise<void>((wake) => {
          heard = wake
        })
      }
    },
  }
}
