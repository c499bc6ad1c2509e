// Generated from this folder by "npm run docs". Do not edit.
import type { AnyState } from '../lib/state.ts'
import { directory } from './directory.ts'
import { file } from './file.ts'
import { link } from './link.ts'
import { service } from './service.ts'

/** Every state by its type. */
export const states: ReadonlyMap<string, AnyState> = new Map<string, AnyState>([
  [directory.type, directory],
  [file.type, file],
  [link.type, link],
  [service.type, service],
])
