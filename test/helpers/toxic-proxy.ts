import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket, connect as tcpConnect } from 'node:net'

/** A network between two programs that can be made bad, and good again. */
export type Toxics = {
  /** Each way. */
  latencyMs: number
  bytesPerSecond: number
  /** What is sent towards the server, or from it, is swallowed; nothing is closed. */
  upstream: 'passes' | 'is lost'
  downstream: 'passes' | 'is lost'
  /** The connection is reset when so many bytes have come from the server. */
  resetAfterBytes: number
}

const HEALTHY: Toxics = {
  latencyMs: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  upstream: 'passes',
  downstream: 'passes',
  resetAfterBytes: Number.POSITIVE_INFINITY,
}

/** A TCP proxy before `target`, `host:port`. A change of `toxics` holds for what comes after it, on all connections. */
export async function openProxy(t: { teardown(done: () => unknown): void }, target: string) {
  const toxics: Toxics = { ...HEALTHY }
  const open = new Set<Socket>()
  let connections = 0
  const server = createServer((client) => {
    connections += 1
    const at = target.lastIndexOf(':')
    const upstream = tcpConnect(Number(target.slice(at + 1)), target.slice(0, at))
    let received = 0
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', end)
      socket.on('close', end)
    }
    pump(client, upstream, () => toxics.upstream === 'passes')
    pump(
      upstream,
      client,
      () => toxics.downstream === 'passes',
      (bytes) => {
        received += bytes
        if (received > toxics.resetAfterBytes) client.resetAndDestroy()
      },
    )
  })

  /** One after the other, so that order is kept however late they are. */
  function pump(
    from: Socket,
    to: Socket,
    passes: () => boolean,
    seen: (bytes: number) => void = () => undefined,
  ) {
    let last = Promise.resolve()
    from.on('data', (piece: Buffer) => {
      const arrival = performance.now() + toxics.latencyMs
      last = last.then(async () => {
        await after(arrival - performance.now())
        await after((piece.length / toxics.bytesPerSecond) * 1000)
        if (passes() && !to.destroyed) to.write(piece)
        seen(piece.length)
      })
    })
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Made worse or better from now on. */
    make: (change: Partial<Toxics>) => Object.assign(toxics, change),
    heal: () => Object.assign(toxics, HEALTHY),
    connections: () => connections,
  }
}

const after = (ms: number) =>
  ms > 0 && ms < 600_000 ? new Promise<void>((done) => setTimeout(done, ms)) : null
