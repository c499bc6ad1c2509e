import { Agent, request } from 'node:https'
import { factsOf, nameOf } from './fleet-site.ts'
import { resourcesOf } from './puppet-site.ts'

/** Hosts that ask a Puppet Server for their catalogs, each over a connection of its own that is kept. */

export type Credentials = { readonly ca: string; readonly cert: string; readonly key: string }

const PORT = 8140
const ANSWER_MS = 120_000
const HOUR_MS = 3_600_000
/** Not a resource that a role declares, but what Puppet itself adds. */
const OWN_TYPES = ['Stage', 'Class']

type PuppetCatalog = { readonly name: string; readonly resources: readonly { readonly type: string }[] }

export class PuppetClient {
  readonly #index: number
  readonly #address: string
  readonly #agent: Agent
  readonly #body: string

  constructor(index: number, address: string, credentials: Credentials) {
    this.#index = index
    this.#address = address
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1, servername: 'puppet', ...credentials })
    this.#body = bodyOf(index)
  }

  /** Asks once, as an agent does, and checks that the answer is the whole catalog of this host. */
  async catalog(): Promise<void> {
    const said = await this.#ask()
    const name = nameOf(this.#index)
    const catalog = JSON.parse(said) as PuppetCatalog
    const count = catalog.resources.filter(({ type }) => !OWN_TYPES.includes(type)).length
    const expected = resourcesOf(this.#index)
    if (catalog.name === name && count === expected && said.includes(`# 0 of ${name}\\n`)) return
    throw new Error(`Puppet Server's catalog of "${name}" is not what it should be: ${count} of ${expected}`)
  }

  close(): void {
    this.#agent.destroy()
  }

  #ask(): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = {
        ...{ host: this.#address, port: PORT, agent: this.#agent, method: 'POST' },
        path: `/puppet/v3/catalog/${nameOf(this.#index)}?environment=production`,
        headers: {
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': Buffer.byteLength(this.#body),
        },
      }
      const late = () => asked.destroy(new Error(`Puppet Server was silent for ${ANSWER_MS} ms`))
      const asked = request(options, (answer) => {
        const pieces: Buffer[] = []
        answer.on('data', (piece: Buffer) => pieces.push(piece))
        answer.on('error', reject)
        answer.on('end', () => {
          const said = Buffer.concat(pieces).toString()
          if (answer.statusCode === 200) resolve(said)
          else reject(new Error(`Puppet Server answered ${answer.statusCode}: ${said.slice(0, 1000)}`))
        })
      })
      asked.setTimeout(ANSWER_MS, late)
      asked.on('error', reject)
      asked.end(this.#body)
    })
  }
}

/** What an agent sends: its facts with every request, encoded once more than the form is. */
function bodyOf(index: number): string {
  const name = nameOf(index)
  const now = Date.now()
  const facts = {
    name,
    values: { ...factsOf(index, 0), clientcert: name, clientversion: '7.23.0' },
    timestamp: new Date(now).toISOString(),
    expiration: new Date(now + HOUR_MS).toISOString(),
  }
  return new URLSearchParams({
    environment: 'production',
    facts_format: 'application/json',
    facts: encodeURIComponent(JSON.stringify(facts)),
  }).toString()
}

/**
 * So many callers ask one after the other, for so many windows of time; each has hosts of its own.
 *
 * @returns how many catalogs a second came in each window
 */
export async function load(
  clients: readonly PuppetClient[],
  callers: number,
  { windows, windowMs }: { readonly windows: number; readonly windowMs: number },
): Promise<readonly number[]> {
  const counts = Array.from({ length: windows }, () => 0)
  const start = performance.now()
  const passed = () => performance.now() - start
  const caller = async (_: unknown, number: number) => {
    const own = clients.filter((_, i) => i % callers === number)
    for (let turn = 0; passed() < windows * windowMs; turn += 1) {
      await own[turn % own.length]?.catalog()
      const window = Math.floor(passed() / windowMs)
      // What was asked before the end and came after it counts for none.
      if (counts[window] !== undefined) counts[window] += 1
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return counts.map((count) => (count * 1000) / windowMs)
}
