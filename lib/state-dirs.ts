/** Where an agent and `drover local` keep their state on a host. */
export const STATE_DIR = '/var/lib/drover'

/** Where a master keeps what it must not lose. */
export const MASTER_STATE_DIR = '/var/lib/drover-master'
