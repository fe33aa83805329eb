import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { mountPageRoutes, type PageRoute, type PageRoutesOptions } from '#src/web/page-routes'

export type TerminalPageOptions = PageRoutesOptions & {
  /** Binds a session to the browser that uses its link, once; or says why not, or which passkey it wants first. */
  claim: (body: unknown) => Promise<{ claimed: true } | { refused: string } | { passkey: object }>
}

/** Maximum size of a request's body: a passkey's answer has about 2000 bytes. */
const maxBodyBytes = 20_000

/** Mounts `/t/ID`: the page is the same for every session, and changes nothing before somebody presses its button. */
export function mountTerminalPages(options: TerminalPageOptions): void {
  const { url, claim } = options
  const sockets = `${url.protocol === 'https:' ? 'wss' : 'ws'}://${url.host}`
  mountPageRoutes(options, [
    {
      kind: 'nonce-file',
      path: '/t/',
      file: pageFile('terminal.html'),
      powers: { sockets },
      words: { ORIGIN: url.origin },
    },
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
    ...['connection.js', 'browser-key.js', 'paste-and-keys.js', 'screen.js'].map((name) => own(name, name)),
    foreign('xterm.mjs', '@xterm/xterm/lib/xterm.mjs'),
    foreign('xterm.css', '@xterm/xterm/css/xterm.css'),
    foreign('fit.mjs', '@xterm/addon-fit/lib/addon-fit.mjs'),
    foreign('serialize.mjs', '@xterm/addon-serialize/lib/addon-serialize.mjs'),
  ]
}
