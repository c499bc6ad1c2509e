import { diffSnapshots, type Snapshot } from '../bed/bed.ts'

// What packages leave behind themselves, and what the tools for accounts keep beside their files.
const OTHERS =
  /^\/(var\/(lib|cache|log|backups)|run|tmp|root)\/|^\/srv\/site|^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-|^\/etc\/\.pwd\.lock/

/** What is not as it was, but for when files were written and which start of a unit it is. */
export function formerDifferences(before: Snapshot, after: Snapshot): string[] {
  const timeless = (files: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(files)
        .filter(([path]) => !OTHERS.test(path))
        .map(([path, what]) => [path, what.replace(/ \d{4}-\d\d-\d\dT[\d:.]+Z/, '')]),
    )
  const anyStart = (units: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(units)
        // systemd makes these for instances of a template, and keeps them.
        .filter(([unit]) => !/^system-.*\.slice$/.test(unit))
        .map(([unit, what]) => [unit, what.replace(/ \S*$/, '')]),
    )
  const bare = (one: Snapshot): Snapshot => ({
    ...one,
    files: timeless(one.files),
    units: anyStart(one.units),
  })
  return diffSnapshots(bare(before), bare(after))
}
