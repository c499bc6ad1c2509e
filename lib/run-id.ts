/**
 * A UUIDv7: by its first half runs sort by the time at which they began.
 *
 * @param random ten bytes
 */
export function runId(now: number, random: Uint8Array): string {
  const time = Math.max(0, Math.floor(now)).toString(16).padStart(12, '0').slice(-12)
  const byte = (at: number) => random[at] ?? 0
  const bytes = [
    0x70 | (byte(0) & 0x0f),
    byte(1),
    0x80 | (byte(2) & 0x3f),
    ...Array.from({ length: 7 }, (_, i) => byte(i + 3)),
  ]
  const rest = bytes.map((one) => one.toString(16).padStart(2, '0')).join('')
  return [time.slice(0, 8), time.slice(8), rest.slice(0, 4), rest.slice(4, 8), rest.slice(8)].join('-')
}

/** When it was made, in milliseconds since 1970. */
export const timeOfRun = (id: string): number => Number.parseInt(id.replace('-', '').slice(0, 12), 16)
