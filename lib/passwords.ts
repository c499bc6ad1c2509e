import * as v from 'valibot'
import { reveal, Secret } from './secret.ts'

/** What /etc/shadow holds of a user: a hash, a lock in front of it, and days counted from 1970. */

/** A hash as crypt(5) has them, or `*` where nobody logs in by a password. */
export const PasswordHash = v.pipe(
  v.string('a password is the hash of one, a string'),
  // The refused text may be a password, so that no message may show it.
  v.regex(
    /^(\*|\$(y|gy|7|2[aby]|6|5|md5|sha1|1)\$[./A-Za-z0-9$=,+-]{8,400})$/,
    'a password is given as its hash, such as "$y$…": make one with "mkpasswd -m yescrypt" of the package whois, or "openssl passwd -6"',
  ),
)

/** The hash, and whether a lock stands in front of it. */
export function passwordOf(text: string): { hash: string; locked: boolean } {
  const hash = text.replace(/^!+/, '')
  return { hash, locked: hash !== text }
}

/** What stands for a hash wherever one could read it. */
export function digestOf(password: string | Secret): string {
  const hash = reveal(password)
  return hash === '' || hash === '*' ? 'none' : `${new Secret(hash)}`
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** `2027-01-31` for 20849: days since 1970 as the Gregorian calendar names them. */
export function dateOf(days: number): string {
  // Counted from the first of March, so that a leap day comes last; 146,097 days are 400 years.
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const day = shifted - era * 146_097
  const year = Math.floor(
    (day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365,
  )
  const inYear = day - (365 * year + Math.floor(year / 4) - Math.floor(year / 100))
  const month = Math.floor((5 * inYear + 2) / 153)
  const parts = [
    year + era * 400 + (month < 10 ? 0 : 1),
    month < 10 ? month + 3 : month - 9,
    inYear - Math.floor((153 * month + 2) / 5) + 1,
  ]
  return parts.map((part, i) => `${part}`.padStart(i === 0 ? 4 : 2, '0')).join('-')
}

/** A day that there is, or `never`. */
export function isDate(text: string): boolean {
  if (text === 'never') return true
  const match = /^(19[7-9]\d|2\d{3})-(\d\d)-(\d\d)$/.exec(text)
  if (match === null) return false
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day >= 1 && day <= (MONTH_DAYS[month - 1] ?? 0) + (leap ? 1 : 0)
}
