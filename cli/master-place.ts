import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../lib/failure.ts'
import type { CommonOptions, OutputOptions } from './context.ts'
import type { Environment } from './print.ts'

/** The flags of every verb that asks the master. */
export type MasterOptions = { readonly socket?: string }

/** Those of one that answers in any form. */
export type AskOptions = CommonOptions & OutputOptions & MasterOptions

/** Where the master is, and as whom it is asked. */
export type Place =
  | { readonly kind: 'socket'; readonly path: string }
  | {
      readonly kind: 'tls'
      /** `host:port`; tried in turn. */
      readonly addresses: readonly string[]
      /** PEM. */
      readonly roots: string
      readonly key: string
      readonly chain: string
    }

export const DEFAULT_SOCKET = '/run/drover/master.sock'

/** Where `drover join` keeps the identity of an operator. */
export function operatorDir(env: Environment): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || '/root', '.config'), 'drover/operator')
}

/**
 * The flag goes first, then `DROVER_SERVER`, then the identity that an operator has joined with, then the socket of
 * this machine.
 */
export async function placeOf({ socket }: MasterOptions, env: Environment): Promise<Place> {
  if (socket !== undefined) return socketAt(socket)
  const server = env.DROVER_SERVER || null
  if (server?.startsWith('unix:')) return socketAt(server.slice('unix:'.length))
  const joined = await joinedPlace(operatorDir(env), server)
  if (joined !== null) return joined
  if (server !== null) {
    throw new Failure(
      'unauthenticated',
      `DROVER_SERVER is ${server}, and you have not joined as an operator`,
      {
        hint: 'ask for an invitation ("drover operator add" there), then: drover join',
      },
    )
  }
  return socketAt(DEFAULT_SOCKET)
}

function socketAt(path: string): Place {
  if (!existsSync(path)) {
    throw new Failure('unavailable', 'no master runs here', {
      about: path,
      hint: 'on its machine: systemctl status drover-master; from elsewhere, once you have an invitation: drover join',
    })
  }
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
  } catch (cause) {
    throw new Failure('denied', 'only the administrators of this machine may use this socket', {
      about: path,
      hint: 'use sudo, or join as an operator',
      cause,
    })
  }
  return { kind: 'socket', path }
}

async function joinedPlace(dir: string, server: string | null): Promise<Place | null> {
  if (!existsSync(dir)) return null
  const { readIdentity } = await import('../agent/identity.ts')
  const identity = readIdentity(dir)
  if (identity === null) return null
  if (identity.expiresAt <= Date.now()) {
    throw new Failure(
      'unauthenticated',
      `your certificate ended on ${new Date(identity.expiresAt).toISOString()}`,
      {
        about: dir,
        hint: 'ask for a new invitation ("drover operator add" on the master), then: drover join',
      },
    )
  }
  const { addresses, roots, key, chain } = identity
  return { kind: 'tls', addresses: server === null ? addresses : [server], roots, key, chain }
}
