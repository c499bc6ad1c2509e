import { constants } from 'node:crypto'
import { ServerCredentials } from '@grpc/grpc-js'

export type TlsParts = {
  /** PEM; asked for again whenever `watch` calls back. */
  readonly credentials: () => { readonly key: string; readonly chain: string }
  readonly watch: (changed: () => void) => void
  /** PEM: who may have signed the certificate that a client must have; `null`: clients have none. */
  readonly clientRoots: string | null
}

/**
 * What a listener shows and asks for: TLS 1.3 alone, and no session that outlives its connection.
 *
 * A resumed session skips the look at the client's certificate, so one that has expired or is revoked would come in by
 * it. `ServerCredentials.createSsl` has no say in either, and its base class, which grpc-js exports, has: what is handed
 * to it goes to `http2.createSecureServer` as it is.
 */
export function serverTls(parts: TlsParts): ServerCredentials {
  return new Tls(parts)
}

class Tls extends ServerCredentials {
  constructor({ credentials, watch, clientRoots }: TlsParts) {
    const context = () => {
      const { key, chain } = credentials()
      return {
        key,
        cert: chain,
        ...(clientRoots === null ? {} : { ca: clientRoots }),
        minVersion: 'TLSv1.3' as const,
        secureOptions: constants.SSL_OP_NO_TICKET,
      }
    }
    super({ requestCert: clientRoots !== null, rejectUnauthorized: clientRoots !== null }, context())
    watch(() => this.updateSecureContextOptions(context()))
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other
  }
}
