import { realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Failure } from '../lib/failure.ts'

/**
 * A path that the user named for something to be made at. In a file system of the kernel nobody makes anything, and
 * Node tries for ever to make folders in /proc.
 */
export function ownPath(path: string): string {
  const [, kernels] = /^\/(proc|sys)(?:\/|$)/.exec(real(resolve(path))) ?? []
  if (kernels === undefined) return path
  throw new Failure('invalid', `nothing can be made in /${kernels}, which is the kernel's`, {
    about: path,
    hint: 'name a place on a disk',
  })
}

/** Where it would be, behind all links that are there. */
function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path === '/' ? path : join(real(dirname(path)), path.slice(dirname(path).length))
  }
}
