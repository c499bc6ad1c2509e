/** As dpkg compares: below, at or above zero. */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [partsOf(a), partsOf(b)]
  return (
    one.epoch - other.epoch ||
    comparePart(one.upstream, other.upstream) ||
    comparePart(one.revision, other.revision)
  )
}

function partsOf(version: string): { epoch: number; upstream: string; revision: string } {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/.exec(version) ?? []
  const at = rest.lastIndexOf('-')
  return {
    epoch: Number(epoch),
    upstream: at === -1 ? rest : rest.slice(0, at),
    revision: at === -1 ? '' : rest.slice(at + 1),
  }
}

/** Text and digits in turns; of text `~` sorts before the end, letters before all else. */
function comparePart(a: string, b: string): number {
  const [one, other] = [a, b].map((part) => part.match(/\D+|\d+/g) ?? [])
  const texts = (words: string[] | undefined) =>
    /^\d/.test(words?.[0] ?? '') ? ['', ...(words ?? [])] : (words ?? [])
  const [left, right] = [texts(one), texts(other)]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x = '', y = ''] = [left[i], right[i]]
    const difference = i % 2 === 0 ? compareText(x, y) : compareNumbers(x, y)
    if (difference !== 0) return difference
  }
  return 0
}

function compareText(a: string, b: string): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = weight(a[i]) - weight(b[i])
    if (difference !== 0) return difference
  }
  return 0
}

function weight(character: string | undefined): number {
  if (character === '~') return -1
  if (character === undefined) return 0
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256
}

// A number may have more digits than a double holds, as dates and hashes in versions do.
function compareNumbers(a: string, b: string): number {
  const [x, y] = [a, b].map((digits) => digits.replace(/^0+/, '')) as [string, string]
  return x.length - y.length || (x < y ? -1 : x > y ? 1 : 0)
}
