import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Failure } from '../../lib/failure.ts'

export type HttpSetting = {
  readonly at: string
  /** Answers a webhook; `null`: none are taken. */
  readonly hook: ((request: IncomingMessage, response: ServerResponse) => void) | null
}

export type Http = { readonly address: string; close(): Promise<void> }

const REQUEST_TIMEOUT_MS = 10_000
const MAX_CONNECTIONS = 100

/** What is asked by programs that are no agents: is it well, and look at the site now. */
export async function openHttp({ at, hook }: HttpSetting): Promise<Http> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    if (request.url === '/hook/site' && hook !== null) return hook(request, response)
    const well = request.url === '/healthz' && (request.method === 'GET' || request.method === 'HEAD')
    response.writeHead(well ? 200 : 404, { 'content-type': 'text/plain', 'cache-control': 'no-store' })
    response.end(well ? 'ok\n' : 'not found\n')
  })
  server.maxConnections = MAX_CONNECTIONS
  const [, host = '', port = '0'] = /^\[?(.+?)\]?:(\d+)$/.exec(at) ?? []
  await new Promise<void>((done, fail) => {
    server.once('error', (cause) => {
      fail(new Failure('unavailable', `can't listen: ${cause.message}`, { about: `http ${at}`, cause }))
    })
    server.listen(Number(port), host, done)
  })
  const bound = server.address()
  const address = typeof bound === 'object' && bound ? at.replace(/:\d+$/, `:${bound.port}`) : at
  return {
    address,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
