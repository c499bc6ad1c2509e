import { readFileSync } from 'node:fs'

/** Of package.json, two folders up for the bundle as for what is compiled. */
export const VERSION = versionOf(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

function versionOf(text: string): string {
  return (JSON.parse(text) as { version: string }).version
}
