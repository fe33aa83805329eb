import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '#core/ports/log'
import { parseJsonBody } from '#src/http/request-body'
import { postRoute, readRoute, type TableRoute } from '#src/http/route-table'
import { type PagePowers, securityHeaders } from '#src/http/security-headers'
import type { HttpRequest, Mount } from '#src/http/server'

/** File of a page: an HTML document, a script or a style sheet; its type follows from its ending. */
type FileRoute = { kind: 'file'; path: string; file: URL; powers?: PagePowers }

/**
 * HTML document whose scripts create `<style>` elements: NONCE in it is replaced with a new nonce for each request. `words`: further
 * placeholders in it, and their values.
 */
type NonceRoute = {
  kind: 'nonce-file'
  path: string
  file: URL
  powers?: Omit<PagePowers, 'styleNonce'>
  words?: Readonly<Record<string, string>>
}

/** Call of a page to its own server, with JSON both ways. Other sites' pages can't make it. */
type CallRoute = {
  kind: 'call'
  path: string
  maxBodyBytes: number
  /** Answers the body (undefined where it is no JSON); what it throws is logged and answered with `failure`. */
  handle: (body: unknown) => Promise<JsonAnswer>
  /** Text for the person when `handle` throws. */
  failure: string
}

/** Answer of a call; without a status, 200. */
export type JsonAnswer = { status?: number; body: object }

/** Route of a page for browsers. */
export type PageRoute = FileRoute | NonceRoute | CallRoute

export type PageRoutesOptions = {
  /** URL at which people's browsers reach these pages. */
  url: URL
  mount: Mount
  log: Log
}

/** Mounts the routes of a page: each file and call with the same security headers. A GET changes nothing. */
export function mountPageRoutes(options: PageRoutesOptions, routes: readonly PageRoute[]): void {
  for (const route of routes) {
    const { path, listener, ...accepts } = toTableRoute(options, route)
    options.mount(path, listener, accepts)
  }
}

function toTableRoute(options: PageRoutesOptions, route: PageRoute): TableRoute {
  if (route.kind === 'file') return readRoute(route.path, (_request, response) => sendFile(response, route))
  if (route.kind === 'nonce-file') return readRoute(route.path, (_request, response) => sendWithNonce(response, route))
  return postRoute(route.path, route.maxBodyBytes, (request, response) => answerCall(options, route, request, response))
}

const contentTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
}

function sendFile(response: ServerResponse, { file, powers }: FileRoute): void {
  const type = contentTypes[file.pathname.slice(file.pathname.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
  response.writeHead(200, { ...securityHeaders(powers), 'content-type': type }).end(readFileSync(file))
}

function sendWithNonce(response: ServerResponse, { file, powers, words = {} }: NonceRoute): void {
  const styleNonce = randomBytes(16).toString('base64url')
  const html = Object.entries({ ...words, NONCE: styleNonce }).reduce(
    (text, [word, value]) => text.replace(word, value),
    readFileSync(file, 'utf8'),
  )
  const headers = { ...securityHeaders({ ...powers, styleNonce }), 'content-type': contentTypes['html'] }
  response.writeHead(200, headers).end(html)
}

async function answerCall(
  { url, log }: PageRoutesOptions,
  { path, handle, failure }: CallRoute,
  request: HttpRequest,
  response: ServerResponse,
): Promise<void> {
  if (!isOwnCall(request, url)) {
    sendJson(response, 403, { refused: 'only its own page may make this request' })
    return
  }
  try {
    const { status = 200, body } = await handle(parseJsonBody(request.rawBody))
    sendJson(response, status, body)
  } catch (error) {
    log.error({ path, error: String(error) }, 'call of a page failed')
    sendJson(response, 500, { refused: failure })
  }
}

/** Returns whether a page of this origin makes a call: a page of another site can neither send this content type nor forge the origin. */
function isOwnCall({ headers }: IncomingMessage, { origin }: URL): boolean {
  return headers['content-type'] === 'application/json' && headers.origin === origin
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { ...securityHeaders(), 'content-type': 'application/json' }).end(JSON.stringify(body))
}
