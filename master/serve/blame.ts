import { isAbsolute, normalize } from 'node:path'
import type { Catalog, Resource } from '../../lib/catalog.ts'
import { Failure } from '../../lib/failure.ts'
import { pathsOf } from '../../lib/state.ts'
import type { BlamedResource } from '../../proto/gen/drover/v1/BlamedResource.ts'
import type { BlameRequest__Output } from '../../proto/gen/drover/v1/BlameRequest.ts'
import type { BlameResponse } from '../../proto/gen/drover/v1/BlameResponse.ts'
import { states } from '../../states/index.ts'
import type { Source } from '../compile/sources.ts'
import { meant } from '../site/nearest.ts'
import { bodyOf } from './agent-service.ts'
import { type KnownHost, knownHost } from './host-rows.ts'
import { changeRow } from './run-rows.ts'
import type { Serving } from './serving.ts'

// A file that many resources share, such as /etc/passwd.
const SHOWN_RESOURCES = 20

/** Which resources manage a path of a host, what they are made of, and what changed them last. */
export async function blame(
  serving: Serving,
  { host, path, line }: BlameRequest__Output,
): Promise<BlameResponse> {
  if (!isAbsolute(path) || normalize(path) !== path)
    throw new Failure('invalid', 'a path is absolute and has no "..", no "//" and no "/" at its end', {
      about: path,
      hint: 'such as /etc/motd',
    })
  const known = await knownHost(serving, host)
  const current = serving.catalogs.current(host)
  if (!current?.sha256)
    throw new Failure('not-found', 'there is no catalog for this host yet', { about: host })
  const catalog = JSON.parse((await bodyOf(serving, current.sha256)).toString()) as Catalog
  const managing = catalog.resources.filter((resource) => managedBy(resource).includes(path))
  if (managing.length === 0) throw nobody(path, host, catalog)
  const text = line === 0 ? null : await lineOf(serving, managing, path, line)
  const shown = managing.slice(0, SHOWN_RESOURCES)
  const resources = await Promise.all(shown.map((resource) => blamed(serving, known, resource, line, text)))
  return { resources, others: managing.length - shown.length, commit: current.commit ?? '' }
}

/** The paths that a resource writes or looks after. */
const managedBy = ({ type, name, props }: Resource) => [name, ...pathsOf(states.get(type), name, props)]

function nobody(path: string, host: string, { resources }: Catalog): Failure {
  const above = resources
    .filter(({ type, name }) => type === 'directory' && path.startsWith(`${name}/`))
    .sort((one, other) => other.name.length - one.name.length)
  const paths = resources.flatMap(managedBy).filter((one) => one.startsWith('/'))
  const hint = above[0] ? `${above[0].id} is above it, and leaves it alone` : meant(path, paths)
  return new Failure('not-found', `no resource of ${host} manages it`, {
    about: path,
    ...(hint === null ? {} : { hint }),
  })
}

/** A line of what the file is to hold; with marks in the place of secrets. */
async function lineOf(
  serving: Serving,
  resources: readonly Resource[],
  path: string,
  line: number,
): Promise<string> {
  const hash = resources.map(({ props }) => props.sha256).find((one) => typeof one === 'string')
  if (typeof hash !== 'string')
    throw new Failure('invalid', 'no resource declares all that it holds, so its lines are not known', {
      about: path,
      hint: 'ask for the path alone',
    })
  const lines = (await bodyOf(serving, hash)).toString().replace(/\n$/, '').split('\n')
  const text = lines[line - 1]
  if (text === undefined)
    throw new Failure('invalid', `there is no line ${line}: it is to hold ${lines.length}`, { about: path })
  return text
}

async function blamed(
  { store, catalogs }: Serving,
  { name, row }: KnownHost,
  { id, origins, props }: Resource,
  line: number,
  text: string | null,
): Promise<BlamedResource> {
  const asked = text === null || typeof props.sha256 !== 'string' ? null : { number: line, text }
  const everything = { since: 0, until: Number.MAX_SAFE_INTEGER }
  const [sources, changes] = await Promise.all([
    catalogs.sources({ host: name, origins, line: asked }),
    row === null ? [] : store.runs.changes({ hostId: row.id, resource: id, limit: 1, ...everything }),
  ])
  const [last] = changes
  return { id, sources: sources.map(sourceRow), last_change: last ? changeRow(last, name) : null }
}

const sourceRow = ({ role, origin, file, reads }: Source) => ({
  role,
  origin,
  file: file?.path ?? '',
  line: file?.line ?? 0,
  reads: reads.map(({ name, places }) => ({ name, places: [...places] })),
})
