import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { MasterSettings } from '../../master/settings.ts'
import { type Usage, usageOf } from '../process-usage.ts'
import type { MasterSaid } from './master-process.ts'

const PROGRAM = fileURLToPath(new URL('./master-process.js', import.meta.url))

type Line = Extract<MasterSaid, { line: string }>

/** A master that can be killed and started again, as who benches sees it. */
export class BenchedMaster {
  readonly #settings: MasterSettings
  readonly #profiles: string | null
  #child: ChildProcess | null = null
  #heard: ((said: Line) => void)[] = []

  /** @param profiles where a profile of the processor is left when it ends */
  constructor(settings: MasterSettings, profiles: string | null) {
    this.#settings = settings
    this.#profiles = profiles
  }

  /** Returns when it listens. */
  async start(): Promise<void> {
    const profile = this.#profiles === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${this.#profiles}`]
    const execArgv = ['--expose-gc', ...profile]
    const ready = this.said('msg=ready')
    const child = fork(PROGRAM, [JSON.stringify(this.#settings)], { execArgv, stdio: 'inherit' })
    this.#child = child
    child.on('message', (said: MasterSaid) => {
      if ('collected' in said) return
      if (/level=(warn|error)/.test(said.line)) process.stderr.write(`master: ${said.line}`)
      for (const heard of [...this.#heard]) heard(said)
    })
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the master has ended with ${code} before it was ready`)
    })
    ended.catch(() => undefined)
    await Promise.race([ready, ended])
  }

  /** When it next logs a line that has these words. */
  said(words: string): Promise<number> {
    return new Promise((resolve) => {
      const heard = ({ line, at }: Line) => {
        if (!line.includes(words)) return
        this.#heard = this.#heard.filter((one) => one !== heard)
        resolve(at)
      }
      this.#heard.push(heard)
    })
  }

  /** Clears away what its main thread no longer needs, which a process with enough memory puts off. */
  async collect(): Promise<void> {
    const child = this.#child
    if (child === null) throw new Error('there is no master')
    const done = new Promise<void>((resolve) => {
      const heard = (said: MasterSaid) => {
        if (!('collected' in said)) return
        child.off('message', heard)
        resolve()
      }
      child.on('message', heard)
    })
    child.send('collect')
    await done
  }

  usage(): Usage {
    return usageOf(this.#child?.pid ?? 0)
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }
}
