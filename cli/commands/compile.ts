import { readFileSync } from 'node:fs'
import type { Catalog, Resource } from '../../lib/catalog.ts'
import type { Facts } from '../../lib/facts.ts'
import { Failure, reasonOf } from '../../lib/failure.ts'
import { STATE_DIR } from '../../lib/state-dirs.ts'
import { workTreeOf } from '../../master/site/commit.ts'
import { catalogLines } from '../catalog-text.ts'
import { type CommonOptions, type Context, formOf, OUTPUT_VERSION, type OutputOptions } from '../context.ts'
import { EXIT } from '../exit.ts'
import { printEvent, printValue, printVersion } from '../machine.ts'
import type { Line } from '../print.ts'
import { factsFor, isThisMachine, makeCatalog, openSite, pickHost } from '../site.ts'

export type CompileOptions = CommonOptions &
  OutputOptions & { readonly site: string; readonly facts?: string }

/** `drover compile`: what one host should be, as people or programs read it. */
export async function compileHost(context: Context, name: string, options: CompileOptions): Promise<number> {
  const { print } = context
  const { catalog } = await catalogOf(context, name, options)
  const form = formOf(options)
  if (form === 'json') {
    // Its bytes are what is hashed and sent, so nothing stands before or behind them.
    print.raw(JSON.stringify(catalog))
    if (context.stdout.isTTY) print.raw('\n')
  } else if (form === 'yaml') await printValue(print, form, { version: OUTPUT_VERSION, ...catalog })
  else if (form === 'jsonl') {
    printVersion(print)
    for (const resource of catalog.resources) printEvent(print, { type: 'resource', resource })
  } else if (form === 'name') print.out(catalog.resources.map(({ id }) => [id]))
  else print.out(catalogLines(catalog, workTreeOf(options.site), form === 'wide'))
  return EXIT.done
}

/** The catalog of a host, with the facts of a file or of this machine. */
export async function catalogOf(
  { print }: Context,
  name: string,
  options: Pick<CompileOptions, 'site' | 'facts'>,
): Promise<{ catalog: Catalog; byId: ReadonlyMap<string, Resource> }> {
  const site = await openSite(options.site)
  const host = pickHost(site, name)
  if (options.facts === undefined && !isThisMachine(host)) print.err(otherFacts(host))
  const facts = options.facts === undefined ? await factsFor(site, STATE_DIR) : readFactsFile(options.facts)
  const { catalog } = await makeCatalog(options.site, site, host, facts)
  return { catalog, byId: new Map(catalog.resources.map((resource) => [resource.id, resource])) }
}

const otherFacts = (host: string): Line[] => [
  [
    ['change', 'warning: '],
    `${host} is not this machine, whose facts are used: what is shown may differ there`,
  ],
  [['dim', 'hint: '], `run "drover local facts" on ${host}, and give its file with --facts`],
]

function readFactsFile(path: string): Facts {
  const refuse = (why: string) =>
    new Failure('invalid', `facts can't be read: ${why}`, {
      about: path,
      hint: 'make such a file on a host with "drover local facts"',
    })
  let facts: unknown
  try {
    facts = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw refuse(reasonOf(error))
  }
  if (typeof facts !== 'object' || facts === null || Array.isArray(facts)) throw refuse('they are no map')
  // Of the output, not of the host.
  const { version: _, ...known } = facts as Facts & { version?: unknown }
  return known
}
