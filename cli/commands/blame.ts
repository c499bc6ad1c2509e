import type { BlamedResource__Output } from '../../proto/gen/drover/v1/BlamedResource.ts'
import type { BlamedSource__Output } from '../../proto/gen/drover/v1/BlamedSource.ts'
import type { ChangeRow__Output } from '../../proto/gen/drover/v1/ChangeRow.ts'
import { type Context, formOf } from '../context.ts'
import { EXIT, Usage } from '../exit.ts'
import { printList } from '../machine.ts'
import type { AskOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import type { Line } from '../print.ts'
import { changesOf } from '../run-body.ts'
import { detailLines } from '../table.ts'
import { agoText, timeOf } from '../time-text.ts'
import { fieldText, someOf } from '../value-text.ts'

/** `drover blame`: which resources manage a path of a host, what they are made of, and what changed them last. */
export async function blame(
  context: Context,
  host: string,
  place: string,
  options: AskOptions,
): Promise<number> {
  const { print } = context
  const form = formOf(options)
  const { path, line } = pathAndLine(place)
  const found = await withOperator(context, options, (operator) =>
    operator.call('Blame', { host, path, line }),
  )
  const named = { list: 'resources', one: 'resource', name: ({ id }: { id: string }) => id }
  const views = found.resources.map((resource) => viewOf(resource, found.commit))
  if (await printList(print, form, named, views)) return EXIT.done
  const most = form === 'wide' ? Number.POSITIVE_INFINITY : 3
  print.out(
    found.resources.flatMap((resource, i) => [...(i === 0 ? [] : [[]]), ...linesOf(resource, line, most)]),
  )
  if (found.others > 0) print.err([[`${found.others} other resources manage it too`]])
  return EXIT.done
}

/** `/etc/motd:3`: a path, and a line; 0 for all of it. */
function pathAndLine(place: string): { path: string; line: number } {
  const [, path = place, number = '0'] = /^(.+):(\d{1,9})$/.exec(place) ?? []
  if (!path.startsWith('/'))
    throw new Usage(`"${path}" is no absolute path`, 'such as /etc/motd or /etc/motd:3')
  if (path !== place && Number(number) === 0) throw new Usage('lines count from 1')
  return { path, line: Number(number) }
}

function linesOf({ id, sources, last_change }: BlamedResource__Output, line: number, most: number): Line[] {
  const details = [
    ...sources.flatMap((source) => sourceDetails(source, line, most)),
    ...changeDetails(last_change, Date.now()),
  ]
  return [[['bold', id]], ...detailLines(details).map((one): Line => ['  ', ...one])]
}

type Detail = readonly [string, string]

function sourceDetails(
  { role, origin, file, line, reads }: BlamedSource__Output,
  asked: number,
  most: number,
): Detail[] {
  const unknown = asked > 0 && file !== '' && line === 0 ? ', which of its lines is not known' : ''
  return [
    ['declared', `${role}  ${origin}`],
    ['from', `${file}${line > 0 ? `:${line}` : ''}${unknown}`],
    ...reads.map(({ name, places }, i): Detail => {
      return [i === 0 ? 'reads' : '', `${name}${places.length > 0 ? `  ${someOf(places, most)}` : ''}`]
    }),
  ]
}

function changeDetails(change: ChangeRow__Output | null, now: number): Detail[] {
  if (change === null) return [['changed', 'by no run that is known']]
  const { at, status, changes, run_id, commit, requested_by } = change
  const fields = changesOf(changes).map(({ field }) => fieldText(field))
  const what = status === 'failed' ? 'failed' : fields.join(', ')
  return [
    [status === 'failed' ? 'tried' : 'changed', `${timeOf(at) ?? ''}, ${agoText(at, now)}: ${what}`],
    ['run', run_id],
    ['commit', commit],
    ['by', requested_by],
  ]
}

/** For programs. */
function viewOf({ id, sources, last_change: last }: BlamedResource__Output, commit: string) {
  return {
    id,
    commit: commit || null,
    sources: sources.map(({ role, origin, file, line, reads }) => {
      const read = reads.map(({ name, places }) => ({ name, places }))
      return { role, origin, file: file || null, line: line || null, reads: read }
    }),
    lastChange: last && {
      at: timeOf(last.at),
      status: last.status,
      changes: changesOf(last.changes),
      run: last.run_id,
      commit: last.commit || null,
      requestedBy: last.requested_by || null,
    },
  }
}
