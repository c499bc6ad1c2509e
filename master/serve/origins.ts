import { type Origins, originsIn } from '../store/origins.ts'
import type { RecentBodies } from '../store/recent-bodies.ts'

/** Where the resources that a run's body speaks of are declared, as operators get it: JSON. */
export async function originsOf(
  bodies: Pick<RecentBodies, 'get'>,
  catalogSha256: string | null,
  body: Uint8Array | undefined,
): Promise<Buffer> {
  const catalog = catalogSha256 === null ? null : await bodies.get(catalogSha256)
  if (catalog === null || body === undefined || body.length === 0) return Buffer.from('{}')
  const { outcomes = [] } = JSON.parse(Buffer.from(body).toString()) as {
    outcomes?: readonly { id: string }[]
  }
  return Buffer.from(JSON.stringify(mentioned(originsIn(catalog), outcomes)))
}

const mentioned = (origins: Origins, outcomes: readonly { id: string }[]) =>
  Object.fromEntries(
    outcomes.flatMap(({ id }) => {
      const origin = origins.get(id)
      return origin === undefined ? [] : [[id, origin]]
    }),
  )
