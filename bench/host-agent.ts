import { readFileSync } from 'node:fs'
import type { Host } from '../test/bed/bed.ts'
import { readUsage, type Usage } from './process-usage.ts'

const UNIT = 'drover-agent.service'

/** As it ships, from the checkout that the bed gives to hosts. */
export async function startAgent(host: Host): Promise<void> {
  const unit = readFileSync('packaging/drover-agent.service', 'utf8')
  // Where the bed has node and the checkout; the flags stay.
  const placed = unit
    .replace('/usr/bin/node', '/usr/local/bin/node')
    .replace('/usr/lib/drover', '/opt/drover')
  await host.write(`/etc/systemd/system/${UNIT}`, placed)
  await host.must(['systemctl', 'enable', '--now', '--quiet', UNIT])
}

export async function usageOfAgent(host: Host): Promise<Usage> {
  const pid = (await host.must(['systemctl', 'show', '--value', '--property', 'MainPID', UNIT])).trim()
  return readUsage(await host.read(`/proc/${pid}/stat`), await host.read(`/proc/${pid}/status`))
}
