import { randomUUID } from 'node:crypto'
import { openLog } from '../../lib/log.ts'
import { openMaster } from '../../master/master.ts'
import type { MasterSettings } from '../../master/settings.ts'

/** A master as a process of its own, told its settings as JSON. It says what it logs, and ends on SIGTERM. */

export type MasterSaid = { readonly line: string; readonly at: number } | { readonly collected: true }

process.umask(0o077)
const settings = JSON.parse(process.argv[2] ?? '') as MasterSettings
const log = openLog(
  (line) => void process.send?.({ line, at: Date.now() } satisfies MasterSaid),
  () => '',
  'logfmt',
)
const master = await openMaster(settings, {
  ...{ now: Date.now, newId: randomUUID, log },
  ...{ version: '0.0.0', shippedRoles: null },
})
log.info('ready')
process.on('message', () => {
  for (let i = 0; i < 3; i += 1) globalThis.gc?.()
  process.send?.({ collected: true } satisfies MasterSaid)
})
process.once('SIGTERM', () => void master.close(1000).then(() => process.exit(0)))
