import fs, { readFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import type { AgentTimes } from '../../agent/agent.ts'

/**
 * An agent as a process of its own, over a host of words that differs in one resource at each start. It is killed just
 * before it makes its nth change to the disk, or ends when all is delivered and says how many it made.
 */
export type AgentProcess = {
  readonly stateDir: string
  readonly address: string
  readonly key: string
  readonly chain: string
  readonly roots: string
  /** 0 for never. */
  readonly killAt: number
  readonly effects: string
  /** Goes on until it is told to stop. */
  readonly stays?: boolean
  readonly times?: AgentTimes
}

const given = JSON.parse(readFileSync(0, 'utf8')) as AgentProcess
let calls = 0
// Numbers instead of names for a master are meant.
process.noDeprecation = true

function counted(name: 'openSync' | 'writeSync' | 'fsyncSync' | 'renameSync' | 'rmSync'): void {
  const real = fs[name] as (...args: unknown[]) => unknown
  const mine = (...args: unknown[]) => {
    if (String(args[0]).startsWith(given.stateDir) || typeof args[0] === 'number') {
      calls += 1
      if (calls === given.killAt) process.kill(process.pid, 'SIGKILL')
    }
    return real(...args)
  }
  Object.assign(fs, { [name]: mine })
}
for (const name of ['openSync', 'writeSync', 'fsyncSync', 'renameSync', 'rmSync'] as const) counted(name)
syncBuiltinESMExports()

const { openAgent } = await import('../../agent/agent.ts')
const { partsOf, WordHost } = await import('./agent-parts.ts')
const host = new WordHost()
host.off.add('file:/etc/a')
host.effects = given.effects
const { key, chain, roots, address, stateDir, times } = given
const pki = { roots, client: { key, chain }, server: { key: '', chain: '' } }
const parts = partsOf(pki, address, host, { atOnce: true, ...(times && { times }) })
const agent = openAgent({ stateDir, servers: null }, parts)
if (given.stays) {
  process.once('SIGTERM', () => void agent.close(5000).then(() => process.exit(0)))
} else {
  await agent.met
  await agent.settled()
  await agent.close(1000)
  process.stdout.write(`${calls}\n`)
  process.exit(0)
}
