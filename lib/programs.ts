import { posix } from 'node:path'

/** Where programs are looked for, on every host alike. */
export const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The paths at which a program would be found, in their order. */
export function programPlaces(program: string, cwd: string, path = PATH): string[] {
  if (program.includes('/')) return [posix.resolve('/', cwd, program)]
  return path.split(':').map((folder) => posix.join(folder, program))
}
