import { statSync } from 'node:fs'

/** 0 when there is no such file. */
export const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0
