import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { Log } from '#core/ports/log'
import { parseJsonBody } from '#src/http/request-body'
import type { HttpRequest, Mount } from '#src/http/server'
import { handleSameOriginJson, sendAsset, terminalHeaders } from '#src/web/page-security-headers'

export type TerminalPageOptions = {
  /** URL at which people's browsers reach these pages. */
  url: URL
  mount: Mount
  log: Log
  /** Binds a session to the browser that uses its link, once, or says why not. */
  claim: (body: unknown) => Promise<{ claimed: true } | { refused: string }>
}

/** Maximum size of a request's body. */
const maxBodyBytes = 2_000
const script = 'text/javascript; charset=utf-8'
const style = 'text/css; charset=utf-8'

/** The page's own files. */
const own = new Map([
  ['/t/page.js', { file: 'terminal.js', type: script }],
  ['/t/connection.js', { file: 'connection.js', type: script }],
  ['/t/browser-key.js', { file: 'browser-key.js', type: script }],
  ['/t/input.js', { file: 'input.js', type: script }],
  ['/t/screen.js', { file: 'screen.js', type: script }],
  ['/t/page.css', { file: 'terminal.css', type: style }],
])

/** Files of xterm.js. */
const vendored = new Map([
  ['/t/xterm.mjs', { file: '@xterm/xterm/lib/xterm.mjs', type: script }],
  ['/t/xterm.css', { file: '@xterm/xterm/css/xterm.css', type: style }],
  ['/t/fit.mjs', { file: '@xterm/addon-fit/lib/addon-fit.mjs', type: script }],
  ['/t/serialize.mjs', { file: '@xterm/addon-serialize/lib/addon-serialize.mjs', type: script }],
])

/** Mounts `/t/ID`: the page is the same for every session, and changes nothing before somebody presses its button. */
export function mountTerminalPages(options: TerminalPageOptions): void {
  const { url, mount } = options
  const require = createRequire(import.meta.url)
  const socket = `${url.protocol === 'https:' ? 'wss' : 'ws'}://${url.host}`
  mount('/t/', ({ path }, response) => {
    const [asset, foreign] = [own.get(path), vendored.get(path)]
    if (asset !== undefined) return sendScript(response, new URL(`page/${asset.file}`, import.meta.url), asset.type)
    if (foreign !== undefined) return sendScript(response, require.resolve(foreign.file), foreign.type)
    const nonce = randomBytes(16).toString('base64url')
    const html = readFileSync(new URL('page/terminal.html', import.meta.url), 'utf8').replace('NONCE', nonce)
    const headers = { ...terminalHeaders(nonce, socket), 'content-type': 'text/html; charset=utf-8' }
    response.writeHead(200, headers).end(html)
  })
  mount('/t/claim', (request, response) => claimLink(options, request, response), { methods: ['POST'], maxBodyBytes })
}

function sendScript(response: ServerResponse, file: URL | string, type: string): void {
  sendAsset(response, { type, content: readFileSync(file), pictures: false })
}

function claimLink(
  { url, log, claim }: TerminalPageOptions,
  request: HttpRequest,
  response: ServerResponse,
): Promise<void> {
  return handleSameOriginJson(url, request, response, async () => {
    try {
      return { status: 200, body: await claim(parseJsonBody(request.rawBody)) }
    } catch (error) {
      log.error({ error: String(error) }, 'a session link could not be used')
      return { status: 500, body: { refused: 'Something went wrong on our side; the link was not used. Try again.' } }
    }
  })
}
