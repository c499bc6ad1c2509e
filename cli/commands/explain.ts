import { Failure } from '../../lib/failure.ts'
import { type Explanation, explain } from '../../master/compile/explain.ts'
import { meant } from '../../master/site/nearest.ts'
import { placeText, resourceLines } from '../catalog-text.ts'
import { type Context, formOf, OUTPUT_VERSION } from '../context.ts'
import { EXIT } from '../exit.ts'
import { printEvent, printValue, printVersion } from '../machine.ts'
import type { Line } from '../print.ts'
import { openSite, pickHost } from '../site.ts'
import { valueText } from '../value-text.ts'
import { type CompileOptions, catalogOf } from './compile.ts'

/** `drover explain`: where a value of a host comes from, or a resource. */
export async function explainKey(
  context: Context,
  name: string,
  key: string,
  options: CompileOptions,
): Promise<number> {
  // A key of data holds no colon; every id does.
  return key.includes(':')
    ? explainResource(context, name, key, options)
    : explainData(context, name, key, options)
}

async function explainResource(
  context: Context,
  name: string,
  id: string,
  options: CompileOptions,
): Promise<number> {
  const { print } = context
  const { catalog, byId } = await catalogOf(context, name, options)
  const resource = byId.get(id)
  if (resource === undefined) {
    const omitted = catalog.omitted.find((one) => one.id === id)
    const hint = omitted ? `its "when" leaves it out: ${omitted.when}` : meant(id, byId.keys())
    throw new Failure('not-found', `${name} has no resource ${id}`, hint === null ? {} : { hint })
  }
  const form = formOf(options)
  if (form === 'json' || form === 'yaml')
    await printValue(print, form, { version: OUTPUT_VERSION, ...resource })
  else if (form === 'jsonl') {
    printVersion(print)
    printEvent(print, { type: 'resource', resource })
  } else print.out(resourceLines(resource, catalog))
  return EXIT.done
}

async function explainData(
  { print }: Context,
  name: string,
  key: string,
  options: CompileOptions,
): Promise<number> {
  const site = await openSite(options.site)
  const explanation = explain(site, pickHost(site, name), key)
  if (explanation === null || explanation.value === undefined) {
    throw new Failure('not-found', `no layer of data says anything about "${key}" for ${name}`, {
      hint: `its layers are data/common.yaml, data/environment, data/group, data/host and the host's vars`,
    })
  }
  const form = formOf(options)
  if (form === 'json' || form === 'yaml')
    await printValue(print, form, { version: OUTPUT_VERSION, ...explanation })
  else if (form === 'jsonl') {
    printVersion(print)
    printEvent(print, { type: 'value', ...explanation })
  } else print.out(explanationLines(explanation))
  return EXIT.done
}

function explanationLines({ layers, leaves }: Explanation): Line[] {
  const width = Math.max(...layers.map(({ layer }) => layer.length))
  return [
    ...leaves.map(
      ({ path, value, place }): Line => [
        ['bold', `data.${path}`],
        ` = ${valueText(value)}`,
        ['dim', `  ${placeText(place)}`],
      ],
    ),
    [],
    ['Layers, the weakest first:'],
    ...layers.map(
      ({ layer, value, place }): Line => [
        `  ${layer.padEnd(width)}  ${valueText(value)}`,
        ['dim', `  ${placeText(place)}`],
      ],
    ),
  ]
}
