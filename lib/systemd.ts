import { SERVICE_TIMEOUT_MS } from './limits.ts'
import { command } from './step.ts'

/** systemd reads all its unit files again, so what is known of any unit may be another thing afterwards. */
export const DAEMON_RELOAD = command(['systemctl', 'daemon-reload'], SERVICE_TIMEOUT_MS, ['unit:*'])
