import type { ServerCredentials } from '@grpc/grpc-js'

export type TlsParts = {
  /** PEM; asked for again whenever `watch` calls back. */
  readonly credentials: () => { readonly key: string; readonly chain: string }
  readonly watch: (changed: () => void) => void
  /** PEM: who may have signed the certificate that a client must have; `null`: clients have none. */
  readonly clientRoots: string | null
}

/** What a listener shows and asks for: TLS 1.3 alone, and no session that outlives its connection. */
export function serverTls(_parts: TlsParts): ServerCredentials {
  throw new Error('not built yet')
}
