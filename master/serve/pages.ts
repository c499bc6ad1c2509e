import { Failure } from '../../lib/failure.ts'
import { MAX_PAGE_ROWS } from '../../lib/limits.ts'

/** How many rows a page has. */
export function pageSize(asked: number): number {
  return asked === 0 ? MAX_PAGE_ROWS : Math.min(asked, MAX_PAGE_ROWS)
}

/** Where the next page goes on, as a word that nobody need understand. */
export function pageToken(place: Readonly<Record<string, string | number>>): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

/** The place that a token names, with the fields that it must have; `undefined` for the first page. */
export function placeOf<P extends Record<string, string | number>>(token: string, like: P): P | undefined {
  if (token === '') return undefined
  const wrong = new Failure('invalid', 'the page token is none')
  let place: Record<string, unknown>
  try {
    place = JSON.parse(Buffer.from(token, 'base64url').toString())
  } catch {
    throw wrong
  }
  const fits = Object.entries(like).every(([name, value]) => typeof place?.[name] === typeof value)
  if (!fits) throw wrong
  return Object.fromEntries(Object.keys(like).map((name) => [name, place[name]])) as P
}

/** One page of rows, asked for with one more than it has: that one says whether there is another. */
export function cutPage<R>(
  rows: readonly R[],
  size: number,
  place: (last: R) => Parameters<typeof pageToken>[0],
) {
  const page = rows.slice(0, size)
  const last = page.at(-1)
  return { page, next_page_token: rows.length > size && last !== undefined ? pageToken(place(last)) : '' }
}
