import { hash } from 'node:crypto'

/** In lower-case hexadecimal; text is taken as UTF-8. */
export const sha256 = (content: Uint8Array | string): string => hash('sha256', content)
