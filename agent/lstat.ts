import { lstatSync, type Stats } from 'node:fs'

/** `null`: nothing is there. Node throws where a file stands in the way, and behind links that lead in a circle. */
export function lstat(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null
  } catch (error) {
    if (['ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}
