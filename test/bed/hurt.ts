import type { Host } from './host.ts'

/** Damage by hand, as a tired administrator does it: each changes one thing. */
export interface Hurt {
  append(path: string, text?: string): Promise<void>
  remove(path: string): Promise<void>
  chmod(path: string, mode: string): Promise<void>
  /** `who` as chown takes it: `nobody:nogroup`. */
  chown(path: string, who: string): Promise<void>
  stopUnit(unit: string): Promise<void>
  disableUnit(unit: string): Promise<void>
  maskUnit(unit: string): Promise<void>
  removePackage(name: string): Promise<void>
}

export function hurt(host: Host): Hurt {
  const by = async (...argv: string[]) => {
    await host.must(argv)
  }
  return {
    append: async (path, text = '# by hand\n') => {
      await host.must(['tee', '-a', '--', path], { stdin: text })
    },
    remove: (path) => by('rm', '-rf', '--', path),
    chmod: (path, mode) => by('chmod', '--', mode, path),
    chown: (path, who) => by('chown', '--no-dereference', '--', who, path),
    stopUnit: (unit) => by('systemctl', 'stop', '--', unit),
    disableUnit: (unit) => by('systemctl', 'disable', '--quiet', '--', unit),
    maskUnit: (unit) => by('systemctl', 'mask', '--quiet', '--now', '--', unit),
    removePackage: (name) => by('dpkg', '--remove', '--', name),
  }
}
