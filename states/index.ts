// Generated from this folder by "npm run docs". Do not edit.
import type { AnyState } from '../lib/state.ts'
import { authorizedKeys } from './authorized-keys.ts'
import { command } from './command.ts'
import { cron } from './cron.ts'
import { directory } from './directory.ts'
import { file } from './file.ts'
import { group } from './group.ts'
import { hostsEntry } from './hosts-entry.ts'
import { line } from './line.ts'
import { link } from './link.ts'
import { packageState } from './package.ts'
import { service } from './service.ts'
import { sysctl } from './sysctl.ts'
import { unit } from './unit.ts'
import { user } from './user.ts'

/** Every state by its type. */
export const states: ReadonlyMap<string, AnyState> = new Map<string, AnyState>([
  [authorizedKeys.type, authorizedKeys],
  [command.type, command],
  [cron.type, cron],
  [directory.type, directory],
  [file.type, file],
  [group.type, group],
  [hostsEntry.type, hostsEntry],
  [line.type, line],
  [link.type, link],
  [packageState.type, packageState],
  [service.type, service],
  [sysctl.type, sysctl],
  [unit.type, unit],
  [user.type, user],
])
