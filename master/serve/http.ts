import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Failure } from '../../lib/failure.ts'

/** What is asked of one listener; `null`: it does not answer that. */
export type HttpSetting = {
  readonly at: string
  /** Answers a webhook. */
  readonly hook: ((request: IncomingMessage, response: ServerResponse) => void) | null
  /** What Prometheus reads. */
  readonly metrics: (() => Promise<string>) | null
}

export type Http = { readonly address: string; close(): Promise<void> }

const REQUEST_TIMEOUT_MS = 10_000
const MAX_CONNECTIONS = 100

/**
 * What is asked by programs that are no agents: is it well, look at the site now, how much of everything.
 *
 * @param name of the setting that says where
 */
export async function openHttp(name: string, { at, hook, metrics }: HttpSetting): Promise<Http> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    if (request.url === '/hook/site' && hook !== null) return hook(request, response)
    const answer = (status: number, text: string, type = 'text/plain') => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
      response.end(text)
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (request.url === '/healthz' && isRead) return answer(200, 'ok\n')
    if (request.url !== '/metrics' || !isRead || metrics === null) return answer(404, 'not found\n')
    metrics().then(
      (text) => answer(200, text, 'text/plain; version=0.0.4; charset=utf-8'),
      () => answer(503, 'not now\n'),
    )
  })
  server.maxConnections = MAX_CONNECTIONS
  const [, host = '', port = '0'] = /^\[?(.+?)\]?:(\d+)$/.exec(at) ?? []
  await new Promise<void>((done, fail) => {
    server.once('error', (cause) => {
      fail(new Failure('unavailable', `can't listen: ${cause.message}`, { about: `${name} ${at}`, cause }))
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
