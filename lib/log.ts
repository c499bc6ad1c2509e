/** How grave it is, as journald counts: someone must act, it may become that, one line per event, the rest. */
const PRIORITY = { error: 3, warn: 4, info: 6, debug: 7 } as const

export type Level = keyof typeof PRIORITY
type Value = string | number | boolean | null | undefined
export type Fields = Readonly<Record<string, Value>>

/** One line an event: a constant message, and values beside it. */
export interface Log {
  error(message: string, fields?: Fields): void
  warn(message: string, fields?: Fields): void
  info(message: string, fields?: Fields): void
  debug(message: string, fields?: Fields): void
}

/** `journald`: logfmt behind a priority, and journald knows the time. */
export type LogForm = 'logfmt' | 'json' | 'journald'

/**
 * `write` gets whole lines with their newline, `now` gives the time as people and programs read it. `debug` is left
 * out unless `from` asks for it.
 */
export function openLog(
  write: (line: string) => void,
  now: () => string,
  form: LogForm,
  from: Level = 'info',
): Log {
  const log =
    (level: Level) =>
    (message: string, fields: Fields = {}) => {
      if (PRIORITY[level] > PRIORITY[from]) return
      const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)
      const time = form === 'journald' ? [] : [['time', now()] as const]
      const entries = [...time, ['level', level] as const, ['msg', message] as const, ...given]
      if (form === 'json') return write(`${JSON.stringify(Object.fromEntries(entries))}\n`)
      const line = entries.map(([key, value]) => `${key}=${quoted(String(value))}`).join(' ')
      write(form === 'journald' ? `<${PRIORITY[level]}>${line}\n` : `${line}\n`)
    }
  return { error: log('error'), warn: log('warn'), info: log('info'), debug: log('debug') }
}

/** Nothing that a peer sends can begin a new line or hide one. */
function quoted(value: string): string {
  if (/^[\w.:/@+-]+$/.test(value)) return value
  const hexadecimal = (one: string) => `\\u${(one.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  // JSON escapes C0; C1 and what turns text around are left to do.
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    hexadecimal,
  )
}
