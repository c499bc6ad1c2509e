import { escapeText } from './escape.ts'
import type { Line, Span } from './print.ts'

const GAP = '  '

/** Rows below their headings, each column as wide as its widest cell; the last one is not filled up. */
export function tableLines(headings: readonly string[], rows: readonly (readonly Span[])[]): Line[] {
  const head = headings.map((heading): Span => ['bold', heading])
  const widths = headings.map((heading, i) =>
    rows.reduce((most, row) => Math.max(most, widthOf(row[i] ?? '')), heading.length),
  )
  return [head, ...rows].map((row) => {
    const last = row.findLastIndex((cell) => textOf(cell) !== '')
    return row.slice(0, last + 1).flatMap((cell, i): Span[] => {
      const fill = ' '.repeat((widths[i] ?? 0) - widthOf(cell))
      return i === last ? [cell] : [cell, `${fill}${GAP}`]
    })
  })
}

const textOf = (cell: Span) => (typeof cell === 'string' ? cell : cell[1])

// What is escaped is wider than what it stands for.
const widthOf = (cell: Span) => escapeText(textOf(cell)).length

/** Names and what is said of each, in two columns. What says nothing is left out. */
export function detailLines(details: readonly (readonly [string, Span | null])[]): Line[] {
  const shown = details.filter(
    (detail): detail is readonly [string, Span] => detail[1] !== null && textOf(detail[1]) !== '',
  )
  const width = Math.max(0, ...shown.map(([name]) => name.length))
  return shown.map(([name, cell]) => [['bold', name], ' '.repeat(width - name.length + GAP.length), cell])
}
