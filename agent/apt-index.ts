import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { AptIndexReading } from '../lib/host.ts'

export const LISTS = '/var/lib/apt/lists'
const SOURCES = '/etc/apt/sources.list'
const SOURCE_PARTS = '/etc/apt/sources.list.d'
// Written by apt's own daily timer where it is set up.
const STAMP = '/var/lib/apt/periodic/update-success-stamp'

/** When apt's lists were fetched, and whether a source was changed after that. */
export function readAptIndex(): AptIndexReading | null {
  if (!namesIn(LISTS).some((name) => name.includes('_Packages'))) return null
  const fetchedAtMs = Math.max(changedAt(LISTS), changedAt(STAMP))
  const sources = [SOURCES, SOURCE_PARTS, ...namesIn(SOURCE_PARTS).map((name) => join(SOURCE_PARTS, name))]
  return {
    ageMs: Math.max(0, Date.now() - fetchedAtMs),
    outdated: sources.some((path) => changedAt(path) > fetchedAtMs),
  }
}

const changedAt = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

function namesIn(path: string): string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
