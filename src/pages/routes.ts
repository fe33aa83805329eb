import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '#core/ports'
import type { RunPage, Visit } from '#core/visit'
import type { RunLinks } from './links.ts'

export type PageOptions = {
  links: RunLinks
  /** Where people's browsers reach these pages. */
  url: URL
  mount: (path: string, listener: (request: IncomingMessage, response: ServerResponse) => void) => void
  log: Log
  /** What the page shows this person now, or why nothing. */
  page: (visit: Visit) => Promise<RunPage | { refused: string }>
}

/** Bytes of a request's body at the most. */
const longestBody = 2_000

const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

const assets = new Map([
  ['/runs/page.js', { file: 'run.js', type: 'text/javascript; charset=utf-8' }],
  ['/runs/page.css', { file: 'run.css', type: 'text/css; charset=utf-8' }],
])
const pageAsset = { file: 'run.html', type: 'text/html; charset=utf-8' }
const lookPath = '/runs/look'

/** `/runs/ID`: a page that knows nothing until it has shown its link's token. */
export function mountRunPages(options: PageOptions): void {
  options.mount('/runs/', (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (pathname === lookPath) return look(options, request, response)
    if (request.method !== 'GET') return send(response, 405, { refused: 'GET only' })
    const { file, type } = assets.get(pathname) ?? pageAsset
    response.writeHead(200, { ...headers, 'content-type': type })
    response.end(readFileSync(new URL(`page/${file}`, import.meta.url)))
  })
}

function look(options: PageOptions, request: IncomingMessage, response: ServerResponse): void {
  const { origin, 'content-type': type } = request.headers
  // Another site's page can neither send this type nor say that it is ours.
  if (request.method !== 'POST' || type !== 'application/json' || origin !== options.url.origin) {
    send(response, 403, { refused: 'this call is for its own page only' })
    return
  }
  found(options, request)
    .then((page) => send(response, 200, page))
    .catch((error: unknown) => {
      options.log.error({ error: String(error) }, 'a run’s page failed')
      send(response, 500, { refused: 'Something broke on our side. Ask for another link.' })
    })
}

async function found({ links, page }: PageOptions, request: IncomingMessage): Promise<RunPage | { refused: string }> {
  const body = await readBody(request)
  const visit = body === undefined ? undefined : await links.visitOf(body.run, body.token)
  return visit === undefined
    ? { refused: 'This link is too old, or not whole. Ask for another one: link ID.' }
    : page(visit)
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<{ run: string; token: string } | undefined> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk
    if (text.length > longestBody) return undefined
  }
  try {
    const { run, token } = JSON.parse(text) as { run?: unknown; token?: unknown }
    return typeof run === 'string' && typeof token === 'string' ? { run, token } : undefined
  } catch {
    return undefined
  }
}
