import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { usageOf } from '../process-usage.ts'
import type { Asked, Load, Told } from './agents-process.ts'
import type { Member } from './fleet-state.ts'

const PROGRAM = fileURLToPath(new URL('./agents-process.js', import.meta.url))
const WAIT_MS = 300_000

/** What happened to one agent, and when; `value` is its attempts, or bytes that it received. */
type Event = { readonly index: number; readonly at: number; readonly value: number }

export type Done = { readonly calls: number; readonly failed: number; readonly why: string }

/** All simulated agents, in processes of their own. */
export class BenchedAgents {
  readonly #children: ChildProcess[] = []
  readonly #heard = new Set<(told: Told) => void>()

  async open(
    processes: number,
    members: readonly Member[],
    to: { readonly roots: string; readonly address: string; readonly dir: string },
  ): Promise<void> {
    for (let i = 0; i < processes; i += 1) {
      // A small heap that is cleared often: what they hold is not what is measured, and there is one machine.
      const child = fork(PROGRAM, [], { execArgv: ['--max-semi-space-size=4'], stdio: 'inherit' })
      this.#children.push(child)
      child.on('message', (told: Told) => {
        if (told.told === 'failed') process.stderr.write(`agent: ${told.why}\n`)
        for (const heard of this.#heard) heard(told)
      })
      const mine = members.filter(({ index }) => index % processes === i)
      this.#ask(child, { do: 'open', members: mine, ...to })
    }
  }

  /** Returns when so many agents have told it at least once since `act` was called: the last word of each. */
  async until(told: 'welcome' | 'catalog', count: number, act: () => unknown): Promise<readonly Event[]> {
    const last = new Map<number, Event>()
    const all = new Promise<void>((resolve, reject) => {
      const late = () => reject(new Error(`${last.size} of ${count} agents had their ${told} in time`))
      const timer = setTimeout(late, WAIT_MS)
      const heard = (one: Told) => {
        if (one.told !== told) return
        const value = one.told === 'welcome' ? one.attempts : one.bytes
        last.set(one.index, { index: one.index, at: one.at, value })
        if (last.size < count) return
        clearTimeout(timer)
        this.#heard.delete(heard)
        resolve()
      }
      this.#heard.add(heard)
    })
    await Promise.all([all, act()])
    return [...last.values()]
  }

  async load(load: Load, callers: number, ms: number): Promise<Done> {
    const each = Math.ceil(callers / this.#children.length)
    const until = Date.now() + ms
    const dones: Done[] = []
    await new Promise<void>((resolve) => {
      const heard = (told: Told) => {
        if (told.told !== 'done' || dones.push(told) < this.#children.length) return
        this.#heard.delete(heard)
        resolve()
      }
      this.#heard.add(heard)
      for (const child of this.#children) this.#ask(child, { do: 'load', load, callers: each, until })
    })
    return {
      calls: dones.reduce((sum, { calls }) => sum + calls, 0),
      failed: dones.reduce((sum, { failed }) => sum + failed, 0),
      why: dones.find(({ why }) => why !== '')?.why ?? '',
    }
  }

  /** So many agents tell of other facts. */
  become(agents: number, turn: number): void {
    const each = agents / this.#children.length
    for (const child of this.#children) this.#ask(child, { do: 'facts', agents: each, turn })
  }

  /** Of all of them. */
  cpuMs(): number {
    return this.#children.reduce((sum, { pid }) => sum + usageOf(pid ?? 0).cpuMs, 0)
  }

  async close(): Promise<void> {
    for (const child of this.#children.splice(0)) {
      if (child.exitCode !== null) continue
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    }
  }

  #ask(child: ChildProcess, asked: Asked): void {
    child.send(asked)
  }
}
