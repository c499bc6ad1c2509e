/** The known word that was probably meant, or `null` when none is near. */
export function nearest(word: string, known: Iterable<string>): string | null {
  // A long word may hold two slips; a short one that differs in two letters is another word.
  const reach = word.length < 4 ? 1 : word.length < 9 ? 2 : 3
  let best: string | null = null
  let bestDistance = reach + 1
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue
    const found = distance(word.toLowerCase(), candidate.toLowerCase())
    if (found < bestDistance) {
      best = candidate
      bestDistance = found
    }
  }
  return best
}

/** A hint that names the nearest, when there is one. */
export function meant(word: string, known: Iterable<string>): string | null {
  const near = nearest(word, known)
  return near === null ? null : `did you mean "${near}"?`
}

/** Insertions, deletions, substitutions and swaps of neighbours, each counted as one. */
export function distance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, at(previous, j - 1) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) cost = Math.min(cost, at(before, j - 2) + 1)
      row.push(cost)
    }
    before = previous
    previous = row
  }
  return at(previous, b.length)
}

const at = (row: readonly number[], i: number) => row[i] ?? 0
