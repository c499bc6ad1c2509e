import type { Catalog } from '../../lib/catalog.ts'

/** For each resource of a catalog, by its id, where it is declared: "role  file:line". */
export type Origins = ReadonlyMap<string, string>

/** @param catalog its bytes */
export function originsIn(catalog: Uint8Array): Origins {
  const { resources } = JSON.parse(Buffer.from(catalog).toString()) as Catalog
  return new Map(
    resources.map(({ id, origins }) => {
      return [id, origins.map(({ role, file, line }) => `${role}  ${file}:${line}`).join(', ')]
    }),
  )
}
