import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { securityHeaders } from '#src/http/security-headers'
import { mountPageRoutes, type PageRoute, type PageRoutesOptions } from '#src/web/page-routes'

export type TerminalPageOptions = PageRoutesOptions & {
  /** Binds a session to the browser that uses its link, once, or says why not. */
  claim: (body: unknown) => Promise<{ claimed: true } | { refused: string }>
}

/** Maximum size of a request's body. */
const maxBodyBytes = 2_000

/** Mounts `/t/ID`: the page is the same for every session, and changes nothing before somebody presses its button. */
export function mountTerminalPages(options: TerminalPageOptions): void {
  const { url, mount, claim } = options
  const sockets = `${url.protocol === 'https:' ? 'wss' : 'ws'}://${url.host}`
  mount('/t/', (_request, response) => {
    const styleNonce = randomBytes(16).toString('base64url')
    const html = readFileSync(pageFile('terminal.html'), 'utf8').replace('NONCE', styleNonce)
    const headers = { ...securityHeaders({ styleNonce, sockets }), 'content-type': 'text/html; charset=utf-8' }
    response.writeHead(200, headers).end(html)
  })
  mountPageRoutes(options, [
    ...fileRoutes(),
    {
      kind: 'call',
      path: '/t/claim',
      maxBodyBytes,
      failure: 'Something went wrong on our side; the link was not used. Try again.',
      handle: async (body) => ({ body: await claim(body) }),
    },
  ])
}

function pageFile(name: string): URL {
  return new URL(`page/${name}`, import.meta.url)
}

/** Returns the routes of the page's own files, and of those of xterm.js. */
function fileRoutes(): PageRoute[] {
  const { resolve } = createRequire(import.meta.url)
  const own = (path: string, name: string): PageRoute => ({ kind: 'file', path: `/t/${path}`, file: pageFile(name) })
  const foreign = (path: string, name: string): PageRoute => ({
    ...{ kind: 'file', path: `/t/${path}`, file: pathToFileURL(resolve(name)) },
  })
  return [
    own('page.js', 'terminal.js'),
    own('page.css', 'terminal.css'),
    ...['connection.js', 'browser-key.js', 'input.js', 'screen.js'].map((name) => own(name, name)),
    foreign('xterm.mjs', '@xterm/xterm/lib/xterm.mjs'),
    foreign('xterm.css', '@xterm/xterm/css/xterm.css'),
    foreign('fit.mjs', '@xterm/addon-fit/lib/addon-fit.mjs'),
    foreign('serialize.mjs', '@xterm/addon-serialize/lib/addon-serialize.mjs'),
  ]
}
