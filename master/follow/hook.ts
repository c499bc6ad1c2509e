import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { MAX_HOOK_BYTES } from '../../lib/limits.ts'

/**
 * Answers a webhook of a forge: 204 when it proves that it knows the secret, and the site is looked at; else 401.
 *
 * GitHub, Gitea and Forgejo sign the body (`X-Hub-Signature-256`), GitLab sends the secret (`X-Gitlab-Token`).
 * What the body says is not used: it is a hint, and git says what is true.
 */
export function answerHook(
  request: IncomingMessage,
  response: ServerResponse,
  secret: string,
  wake: () => void,
): void {
  const answer = (status: number) => {
    response.writeHead(status, { connection: 'close' })
    response.end()
  }
  if (request.method !== 'POST') {
    answer(405)
    return
  }
  const digest = createHmac('sha256', secret)
  let bytes = 0
  request.on('data', (piece: Buffer) => {
    bytes += piece.length
    if (bytes > MAX_HOOK_BYTES) {
      answer(413)
      request.destroy()
    } else digest.update(piece)
  })
  request.on('error', () => undefined)
  request.on('end', () => {
    if (bytes > MAX_HOOK_BYTES) return
    const signature = header(request, 'x-hub-signature-256')
    const token = header(request, 'x-gitlab-token')
    const proven =
      signature === null
        ? token !== null && same(token, secret)
        : same(signature, `sha256=${digest.digest('hex')}`)
    if (proven) wake()
    answer(proven ? 204 : 401)
  })
}

function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name]
  return typeof value === 'string' ? value : null
}

/** Takes as long whatever the difference. */
function same(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest())
  return a !== undefined && b !== undefined && timingSafeEqual(a, b)
}
