import type { IncomingMessage, ServerResponse } from 'node:http'

/** What every page of ours says to browsers: nothing of anybody else's, no frame around it, no copy kept. */
const headers = (images = '') => ({
  'content-security-policy': `default-src 'none'; script-src 'self'; style-src 'self'; ${images}connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
})

/** A page's file: its type, its content, and whether pictures stand in it. */
export type PageFile = { type: string; content: Buffer; pictures: boolean }

/** One of a page's files, by GET alone. */
export function sendAsset(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
  if (request.method !== 'GET') {
    sendJson(response, 405, { refused: 'GET only' })
    return
  }
  const { type, content, pictures } = file
  response.writeHead(200, { ...headers(pictures ? 'img-src data:; ' : ''), 'content-type': type }).end(content)
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { ...headers(), 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Answers a call of a page of ours with what `handle` makes of it; another site's page can neither send this type nor say that it is ours. */
export function handleSameOriginJson(
  { origin }: URL,
  request: IncomingMessage,
  response: ServerResponse,
  handle: () => Promise<{ status: number; body: object }>,
): void {
  const { origin: from, 'content-type': type } = request.headers
  if (request.method !== 'POST' || type !== 'application/json' || from !== origin) {
    sendJson(response, 403, { refused: 'this call is for its own page only' })
    return
  }
  void handle().then(({ status, body }) => sendJson(response, status, body))
}
