import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { PageGrant, RunPage } from '#core/messages/run-page'
import type { Log } from '#core/ports/log'
import { parseJsonBody } from '#src/http/request-body'
import type { HttpRequest, Mount } from '#src/http/server'
import { handleSameOriginJson, sendAsset } from '#src/web/page-security-headers'
import type { RunLinks } from './links.ts'

export type PageOptions = {
  links: RunLinks
  /** URL at which people's browsers reach these pages. */
  url: URL
  mount: Mount
  log: Log
  /** Loads what the page shows to this person now, or returns why it is refused. */
  page: (visit: PageGrant) => Promise<RunPage | { refused: string }>
}

/** Maximum size of a request's body. */
const maxBodyBytes = 2_000

const assets = new Map([
  ['/runs/page.js', { file: 'run.js', type: 'text/javascript; charset=utf-8' }],
  ['/runs/page.css', { file: 'run.css', type: 'text/css; charset=utf-8' }],
])
const pageAsset = { file: 'run.html', type: 'text/html; charset=utf-8' }
const lookPath = '/runs/look'

/** Mounts `/runs/ID`: the page has no data until it has sent its link's token. */
export function mountRunPages(options: PageOptions): void {
  options.mount('/runs/', ({ path }, response) => {
    const { file, type } = assets.get(path) ?? pageAsset
    const content = readFileSync(new URL(`page/${file}`, import.meta.url))
    sendAsset(response, { type, content, pictures: true })
  })
  options.mount(lookPath, (request, response) => look(options, request, response), { methods: ['POST'], maxBodyBytes })
}

function look(options: PageOptions, request: HttpRequest, response: ServerResponse): Promise<void> {
  return handleSameOriginJson(options.url, request, response, async () => {
    try {
      return { status: 200, body: await loadPage(options, parseJsonBody(request.rawBody)) }
    } catch (error) {
      options.log.error({ error: String(error) }, 'run page failed')
      return { status: 500, body: { refused: 'Something went wrong on our side. Ask for another link.' } }
    }
  })
}

async function loadPage({ links, page }: PageOptions, body: unknown): Promise<RunPage | { refused: string }> {
  const { run, token } = (body ?? {}) as { run?: unknown; token?: unknown }
  const isComplete = typeof run === 'string' && typeof token === 'string'
  const visit = isComplete ? await links.visitOf(run, token) : undefined
  return visit === undefined
    ? { refused: 'This link has expired or is incomplete. Get another one with: link ID.' }
    : page(visit)
}
