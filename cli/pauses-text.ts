import type { PauseOfHost__Output } from '../proto/gen/drover/v1/PauseOfHost.ts'
import { EXIT } from './exit.ts'
import type { Line } from './print.ts'

/** What a pause, or its end, came to on each of several hosts. */
type Hosts = readonly PauseOfHost__Output[]

export const isDone = ({ problem }: PauseOfHost__Output) => problem === ''

export const problemLines = (hosts: Hosts): Line[] =>
  hosts.filter((one) => !isDone(one)).map(({ host, problem }) => [['fail', `${host}: ${problem}`]])

export const exitOf = (hosts: Hosts) => (hosts.every(isDone) ? EXIT.done : EXIT.failed)
