import type { IncomingMessage, ServerResponse } from 'node:http'

/** Security headers of every page: nothing from other sites, no framing, no caching. */
const headers = (images = '', styles = '', sockets = '') => ({
  'content-security-policy': `default-src 'none'; script-src 'self'; style-src 'self'${styles}; ${images}connect-src 'self'${sockets}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
})

/** Security headers of a page with a terminal, whose styles carry a nonce; `socket` is the origin of its WebSocket. */
export function terminalHeaders(nonce: string, socket: string): Record<string, string> {
  return headers('', ` 'nonce-${nonce}'`, ` ${socket}`)
}

/** A page's file: its media type, its content, and whether the page shows pictures. */
export type PageFile = { type: string; content: Buffer; pictures: boolean }

/** Sends a page's file. */
export function sendAsset(response: ServerResponse, file: PageFile): void {
  const { type, content, pictures } = file
  response.writeHead(200, { ...headers(pictures ? 'img-src data:; ' : ''), 'content-type': type }).end(content)
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { ...headers(), 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/**
 * Answers a JSON call of one of these pages with the result of `handle`. A page of another site can neither send this
 * content type nor forge the origin.
 */
export async function handleSameOriginJson(
  { origin }: URL,
  request: IncomingMessage,
  response: ServerResponse,
  handle: () => Promise<{ status: number; body: object }>,
): Promise<void> {
  const { origin: from, 'content-type': type } = request.headers
  if (request.method !== 'POST' || type !== 'application/json' || from !== origin) {
    sendJson(response, 403, { refused: 'only its own page may make this request' })
    return
  }
  const { status, body } = await handle()
  sendJson(response, status, body)
}
