import type { PauseResponse__Output } from '../../proto/gen/drover/v1/PauseResponse.ts'
import { type Context, formOf, OUTPUT_VERSION } from '../context.ts'
import { quoteArgv, quoteWord } from '../escape.ts'
import { EXIT, Usage } from '../exit.ts'
import { printValue } from '../machine.ts'
import type { AskOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import { exitOf, isDone, problemLines } from '../pauses-text.ts'
import type { Line } from '../print.ts'
import { secondsOf } from '../seconds.ts'
import { agoText, timeOf } from '../time-text.ts'
import { someOf } from '../value-text.ts'

type PauseOptions = AskOptions & {
  readonly for: string
  readonly why: string
  readonly audit?: boolean
  readonly role?: string
  readonly then: 'revert' | 'show'
}

/** `drover pause`: a host changes nothing by itself until an end, or leaves some of its resources alone. */
export async function pause(
  context: Context,
  host: string | undefined,
  ids: readonly string[],
  options: PauseOptions,
): Promise<number> {
  const seconds = secondsOf('--for', options.for)
  if (host === undefined && options.role === undefined) throw new Usage('name a host, or a role by --role')
  const isWhole = ids.length === 0 && options.role === undefined
  if (options.audit && !isWhole)
    throw new Usage('--audit is of a whole host', 'a resource that is paused is looked at in any case')
  if (options.then === 'show' && isWhole)
    throw new Usage('--then show is of resources', 'name them, such as file:/etc/motd')
  const request = {
    ...{ host: host ?? '', seconds, reason: options.why, resources: [...ids], role: options.role ?? '' },
    mode: options.audit ? 'MODE_AUDIT' : 'MODE_PAUSED',
    at_end: options.then === 'show' ? 'PAUSE_END_SHOW' : 'PAUSE_END_REVERT',
  } as const
  const found = await withOperator(context, options, (operator) => operator.call('Pause', request))
  return host === undefined
    ? tellHosts(context, found, options)
    : tellHost(context, host, found, isWhole, options)
}

async function tellHost(
  { print }: Context,
  host: string,
  { until, resources }: PauseResponse__Output,
  isWhole: boolean,
  options: PauseOptions,
): Promise<number> {
  const form = formOf(options)
  if (form !== 'table') {
    const mode = options.audit ? 'audit' : 'paused'
    const of = isWhole ? { mode } : { resources, atEnd: options.then }
    await printValue(print, form, { version: OUTPUT_VERSION, host, ...of, until: timeOf(until) })
    return EXIT.done
  }
  const end = endText(until)
  print.out(isWhole ? [wholeLine(host, end, options)] : [leftLine(host, resources, end), afterLine(options)])
  const named = resources.length > MAX_NAMED ? 'ID...' : quoteArgv(resources)
  print.err([[['dim', `before that: ${`drover resume ${host} ${named}`.trim()}`]]])
  return EXIT.done
}

/** A role on each host that has it. */
async function tellHosts(
  { print }: Context,
  { until, hosts }: PauseResponse__Output,
  options: PauseOptions,
): Promise<number> {
  const { role = '', then } = options
  const form = formOf(options)
  if (form !== 'table') {
    await printValue(print, form, { version: OUTPUT_VERSION, role, hosts, atEnd: then, until: timeOf(until) })
    return exitOf(hosts)
  }
  const done = hosts.filter(isDone)
  const lines = done.map((one) => leftLine(one.host, one.resources, endText(until)))
  print.out([...lines, ...(done.length > 0 ? [afterLine(options)] : [])])
  print.err([...problemLines(hosts), [['dim', `before that: drover resume --role ${quoteWord(role)}`]]])
  return exitOf(hosts)
}

const endText = (until: number) => ` until ${timeOf(until)}, ${agoText(until, Date.now())}`

const wholeLine = (host: string, end: string, { audit }: PauseOptions): Line => [
  ['bold', host],
  ` ${audit ? 'looks and changes nothing' : 'is paused'}${end}`,
]

// Of those that a role declares.
const MAX_NAMED = 8

const leftLine = (host: string, resources: readonly string[], end: string): Line => [
  ['bold', host],
  ` leaves ${someOf(resources, MAX_NAMED)} alone${end}; all else is enforced`,
]

const afterLine = ({ then }: PauseOptions): Line => [
  then === 'show'
    ? 'after that it is left alone still and shown as drift, until it is resumed'
    : 'after that it is made again what the site says, at once',
]
