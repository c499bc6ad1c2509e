import { bare, linesOf } from './text.ts'

/** A file of /etc/cron.d with one job in it. */
export type CronJob = {
  /** Five fields with single spaces between them, or a word such as `@daily`. */
  readonly schedule: string
  readonly user: string
  readonly command: string
  /** What the command reads on its standard input; `null`: nothing. */
  readonly stdin: string | null
  readonly env: Readonly<Record<string, string>>
  readonly comment: string | null
  /** The job is there as a comment. */
  readonly disabled: boolean
}

const HEADER = '# Kept by drover: what is changed here by hand does not stay.'
const DISABLED = '#disabled: '
const WORDS = '@reboot @yearly @annually @monthly @weekly @daily @midnight @hourly'.split(' ')

type Field = {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly names: readonly string[]
}

const FIELDS: readonly Field[] = [
  { name: 'minute', min: 0, max: 59, names: [] },
  { name: 'hour', min: 0, max: 23, names: [] },
  { name: 'day of month', min: 1, max: 31, names: [] },
  { name: 'month', min: 1, max: 12, names: 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ') },
  { name: 'day of week', min: 0, max: 7, names: 'sun mon tue wed thu fri sat'.split(' ') },
]
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** The schedule with single spaces. */
export const scheduleOf = (schedule: string): string => schedule.trim().split(/\s+/).join(' ')

/** Why cron would not take a schedule, or never run it; `null` when all is well. */
export function scheduleProblem(schedule: string): string | null {
  const parts = scheduleOf(schedule).split(' ')
  if (parts[0]?.startsWith('@')) {
    return parts.length === 1 && WORDS.includes(parts[0]) ? null : `the words are ${WORDS.join(', ')}`
  }
  if (parts.length !== FIELDS.length)
    return `it has ${parts.length} fields, not five (minute, hour, day, month, weekday)`
  for (const [i, field] of FIELDS.entries()) {
    const problem = (parts[i] ?? '')
      .split(',')
      .map((item) => itemProblem(item, field))
      .find((one) => one !== null)
    if (problem) return `${field.name} "${parts[i]}": ${problem}`
  }
  return neverProblem(parts)
}

/** `*`, a number or name, a range, and a step behind `*` or a range. */
function itemProblem(item: string, field: Field): string | null {
  const [, from, to, step] = /^(\*|[0-9A-Za-z]+)(?:-([0-9A-Za-z]+))?(?:\/(\d+))?$/.exec(item) ?? []
  if (from === undefined) return `"${item}" is no number, name, range or step`
  if (from === '*' && to !== undefined) return `"${item}" is no range`
  if (step !== undefined && from !== '*' && to === undefined) return 'a step stands behind "*" or a range'
  const ends = [from === '*' ? String(field.min) : from, to ?? from]
    .filter((end) => end !== '*')
    .map((end) => numberOf(end, field))
  if (ends.some((end) => end === null)) return `"${item}" is not within ${field.min} to ${field.max}`
  const [first = 0, last = 0] = ends as number[]
  if (to !== undefined && first > last) return `"${item}" ends before it begins`
  if (step === undefined) return null
  const size = field.max - field.min
  return Number(step) >= 1 && Number(step) <= size ? null : `a step is within 1 to ${size}`
}

function numberOf(text: string, { min, max, names }: Field): number | null {
  const named = names.indexOf(text.toLowerCase())
  if (named !== -1) return named + (min === 1 ? 1 : 0)
  return /^\d{1,2}$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : null
}

/** A day that none of the months has, such as 30 February. With a weekday given as well, cron takes either. */
function neverProblem([, , days = '*', months = '*', weekdays = '*']: readonly string[]): string | null {
  if (weekdays !== '*' || /[*/-]/.test(days) || /[*/-]/.test(months)) return null
  const month = FIELDS[3] as Field
  const longest = Math.max(...months.split(',').map((one) => DAYS[(numberOf(one, month) ?? 1) - 1] ?? 31))
  return days.split(',').every((day) => Number(day) > longest)
    ? `no month of "${months}" has a day ${days}`
    : null
}

/** The file that holds a job. */
export function renderCron(job: CronJob): string {
  const { schedule, user, env, comment, disabled } = job
  return [
    HEADER,
    ...(comment === null ? [] : [`# ${comment}`]),
    ...assignments(env),
    `${disabled ? DISABLED : ''}${scheduleOf(schedule)} ${user} ${commandOf(job)}`,
    '',
  ].join('\n')
}

/** cron ends a command at its first `%`; what follows is its input, in which each `%` ends a line. */
export function commandOf({ command, stdin }: Pick<CronJob, 'command' | 'stdin'>): string {
  const escaped = (text: string) => text.replaceAll('%', '\\%')
  return (
    escaped(command) +
    (stdin === null
      ? ''
      : stdin
          .split('\n')
          .map((line) => `%${escaped(line)}`)
          .join(''))
  )
}

/** The environment as lines, in the order of its names. */
export const assignments = (env: Readonly<Record<string, string>>): string[] =>
  Object.entries(env)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .sort()

/** cron strips blanks round a value, and quotes; a value that has neither needs none. */
function quoted(value: string): string {
  if (value !== '' && value.trim() === value && !/^["']|["']$/.test(value)) return value
  return value.includes('"') ? `'${value}'` : `"${value}"`
}

export type CronReading = Omit<CronJob, 'env' | 'comment'> & {
  readonly env: readonly string[]
  readonly comment: string
  /** Lines beside the one job. */
  readonly other: readonly string[]
}

/** What a file of /etc/cron.d says, as far as it is one job; all else is in `other`. */
export function parseCron(content: string): CronReading {
  const lines = linesOf(content)
    .map((line) => bare(line).trim())
    .filter((line) => line !== '' && line !== HEADER)
  const env = lines.filter((line) => ASSIGNMENT.test(line))
  const comments = lines.filter((line) => line.startsWith('#') && !line.startsWith(DISABLED))
  const jobs = lines.filter((line) => !env.includes(line) && !comments.includes(line))
  const [job = '', ...other] = jobs
  return {
    ...parseJob(job),
    env: env.map((line) => line.replace(ASSIGNMENT, '$1=')).sort(),
    comment: comments.map((line) => line.replace(/^#\s*/, '')).join('\n'),
    other,
  }
}

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)\s*=\s*/

function parseJob(line: string): Pick<CronReading, 'schedule' | 'user' | 'command' | 'stdin' | 'disabled'> {
  const disabled = line.startsWith(DISABLED)
  const job = disabled ? line.slice(DISABLED.length) : line
  const [, schedule = '', user = '', rest = ''] = /^(@\S+|(?:\S+\s+){4}\S+)\s+(\S+)\s+(.*)$/.exec(job) ?? []
  const [command = '', ...input] = rest.split(/(?<!\\)%/).map((part) => part.replaceAll('\\%', '%'))
  const stdin = input.length === 0 ? null : input.join('\n')
  return { schedule: scheduleOf(schedule), user, command, stdin, disabled }
}
