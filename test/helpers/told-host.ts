import { randomUUID } from 'node:crypto'
import { type Outcome, summarise } from '../../lib/outcome.ts'
import { sha256 } from '../../lib/sha256.ts'
import type { ReportHead } from '../../proto/gen/drover/v1/ReportHead.ts'
import type { World } from './master-world.ts'

type Told = Omit<Partial<ReportHead>, 'kind'> & {
  readonly at: number
  readonly kind: 'CHECK' | 'APPLY'
  readonly outcomes?: readonly Outcome[]
}

/** A host of the world that follows its master, and tells of runs as if it had made them. */
export async function openHost(world: World, name: string) {
  const peer = world.connect('Agent', world.master.main, world.hosts.get(name)?.pair ?? null)
  const stream = peer.open('Follow')
  stream.write({ hello: { version: '1', now: Date.now() } })
  await stream.until(({ message }) => message === 'welcome')
  await peer.call('PutFacts', { facts: Buffer.from('{"os":{"id":"debian"}}') })
  let catalogs = 0
  return {
    /** The hash of the catalog that comes next. */
    async nextCatalog(): Promise<string> {
      const nth = () => stream.values.filter(({ message }) => message === 'catalog')[catalogs]
      await stream.until(() => nth() !== undefined)
      const { catalog } = nth() as { catalog: { sha256: string } }
      catalogs += 1
      return catalog.sha256
    },
    say: (word: object) => stream.write(word),
    leave: () => stream.cancel(),
    async tell(catalog: string, { at, kind, outcomes = [], ...more }: Told): Promise<string> {
      const body = Buffer.from(JSON.stringify({ outcomes, owed: [] }))
      const head = {
        run_id: randomUUID(),
        kind: `RUN_KIND_${kind}`,
        trigger: 'RUN_TRIGGER_SWEEP',
        catalog_sha256: catalog,
        started_at: at,
        counts: summarise(outcomes),
        body_sha256: sha256(body),
        body_bytes: body.length,
        ...more,
      }
      const { code, details } = await peer.call('PutReport', { head }, { data: body })
      if (code !== 0) throw new Error(details)
      return head.run_id
    },
  }
}
