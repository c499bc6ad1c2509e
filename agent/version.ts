/** Whether a version such as `0.3.1` is below another. What can't be read is below everything. */
export function isOlder(version: string, than: string): boolean {
  const [mine, other] = [numbersOf(version), numbersOf(than)]
  for (const [i, wanted] of other.entries()) {
    const has = mine[i] ?? 0
    if (has !== wanted) return has < wanted
  }
  return false
}

const numbersOf = (version: string) => (version.match(/\d+/g) ?? []).slice(0, 3).map(Number)
