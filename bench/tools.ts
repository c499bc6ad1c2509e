import type { Measured } from './measure.ts'

/** Where a host has the checkout, and where it is given the work. */
export const CHECKOUT = '/opt/drover'
export const PLACE = '/root/bench'
const DROVER_PROGRAM = `${CHECKOUT}/dist/bundle/drover.js`

/** What is measured side by side: how each is asked, and how its answer is understood. */
export type Tool = {
  readonly name: string
  /** What its rows are called, where its name alone says too little. */
  readonly looking?: string
  readonly making?: string
  /** The Debian packages that it is, with what it needs for this work. */
  readonly packages: readonly string[]
  /** Prints its version, alone or among other words. */
  readonly version: readonly string[]
  /** Says that nothing has changed. */
  readonly look: readonly string[]
  /** Makes the host what it should be. */
  readonly make: readonly string[]
  readonly settled: (run: Measured) => boolean
  /** How many of `look`, and of `make` on a host where files and users are missing. */
  readonly runs: number
  readonly firsts: number
  readonly note: string
}

const drover = (verb: string, ...flags: readonly string[]) => [
  DROVER_PROGRAM,
  ...['local', verb, `${PLACE}/drover`, '--host', 'bench', ...flags],
]
const puppet = ['puppet', 'apply', '--detailed-exitcodes', `${PLACE}/puppet.pp`]
const cfengine = ['cf-agent', '--no-lock', '--inform', '--file', `${PLACE}/cfengine.cf`]
const ansible = ['ansible-playbook', '--inventory', 'localhost,', `${PLACE}/ansible.yml`]

export const DROVER: Tool = {
  name: 'drover',
  looking: 'drover local plan, cold',
  making: 'drover local apply',
  packages: [],
  version: [DROVER_PROGRAM, '--version'],
  look: drover('plan'),
  make: drover('apply', '--yes', '--summary'),
  settled: ({ code, said }) => code === 0 && /nothing to do/.test(said),
  runs: 15,
  firsts: 3,
  note: '',
}

export const PEERS: readonly Tool[] = [
  {
    name: 'CFEngine',
    packages: ['cfengine3'],
    version: ['cf-agent', '--version'],
    look: cfengine,
    make: cfengine,
    settled: ({ code, said }) => code === 0 && said.trim() === '',
    runs: 15,
    firsts: 3,
    note: 'files and users alone, no packages and no services',
  },
  {
    name: 'Puppet',
    packages: ['puppet-agent'],
    version: ['puppet', '--version'],
    look: puppet,
    make: puppet,
    settled: ({ code }) => code === 0,
    runs: 5,
    firsts: 1,
    note: '',
  },
  {
    name: 'Ansible',
    packages: ['ansible-core', 'python3-apt'],
    version: ['ansible', '--version'],
    look: ansible,
    make: ansible,
    settled: ({ code, said }) => code === 0 && /changed=0 .*failed=0/.test(said),
    runs: 1,
    firsts: 1,
    note: '',
  },
]
