import type { Watched } from '../agent/watch.ts'
import { count } from '../lib/count.ts'
import type { Line, Span } from './print.ts'
import { tableLines } from './table.ts'

/** `574 resources in 41 directories; 2 polled; 3 by the sweep alone` */
export function watchedText({ heard, polled, swept, directories, deaf }: Omit<Watched, 'types'>): Span {
  const words = [
    `${count(heard + polled, 'resource')} in ${directories === 1 ? '1 directory' : `${directories} directories`}`,
    ...(polled > 0 ? [`${polled} of them polled`] : []),
    ...(swept > 0 ? [`${swept} by the sweep alone`] : []),
  ]
  const text = words.join('; ')
  return deaf === 0 ? text : ['fail', `${text}; ${deaf} deaf: the sweep looks there`]
}

/** By type, how drift of its resources is found. */
export function watchedLines(types: Watched['types']): Line[] {
  const shown = (number: number) => (number === 0 ? '' : String(number))
  const rows = [...types]
    .sort((a, b) => (a.type < b.type ? -1 : 1))
    .map(({ type, heard, polled, swept }) => [type, shown(heard), shown(polled), shown(swept)])
  return tableLines(['TYPE', 'HEARD', 'POLLED', 'SWEEP ALONE'], rows)
}
