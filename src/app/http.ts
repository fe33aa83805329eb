import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Log } from '#core/ports/log'
import { defaultTiming, type Timing } from '#core/util/timing'
import type { Metrics } from './metrics.ts'

type Listener = (request: IncomingMessage, response: ServerResponse) => void

/**
 * One thing that has to be there for the program to do its work. Rejects, or resolves false, when it isn't; a text that it
 * resolves with is shown beside its name.
 */
export type Check = { name: string; check: () => Promise<unknown> }

export type HttpServer = {
  /** Routes a path to a chat adapter or page; a path that ends with `/` includes all below it. */
  mount: (path: string, listener: Listener) => void
  /** From now on what comes is answered, if only by saying what is missing. */
  opened: () => void
  /** Resolves with the port it listens on. */
  listen: (host: string, port: number) => Promise<number>
  close: () => Promise<void>
}

/** Milliseconds that one readiness check may take. */
const checkPatience = 3_000

/**
 * `/healthz`: the process lives. `/readyz`: Redis, clusters and chats can be reached, each by name (503 where not).
 * `/openz`: the doors are open, so people are answered, though Redis may be away. `/metrics`: Prometheus. Webhooks of chat doors stand at the paths that they mount.
 */
export function httpServer(options: {
  checks: readonly Check[]
  metrics: Metrics
  log: Log
  timing?: Pick<Timing, 'httpCloseMs'>
}): HttpServer {
  const { timing = defaultTiming } = options
  const mounted = new Map<string, Listener>()
  let isOpen = false
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const listener = mounted.get(path) ?? mounted.get(path.replace(/[^/]*$/, ''))
    if (listener !== undefined) {
      listener(request, response)
      return
    }
    if (path === '/openz') {
      response.writeHead(isOpen ? 200 : 503, { 'content-type': 'text/plain' }).end(isOpen ? 'ok\n' : 'NOT OPEN\n')
      return
    }
    answer(path, options)
      .then(({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body))
      .catch((error: unknown) => {
        options.log.error({ path, error: String(error) }, 'request failed')
        response.writeHead(500).end()
      })
  })
  return {
    mount: (path, listener) => void mounted.set(path, listener),
    opened() {
      isOpen = true
    },
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          const address = server.address()
          resolve(typeof address === 'object' && address !== null ? address.port : port)
        })
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
        // Node doesn't count one as idle on which nothing was asked yet, as browsers open them ahead: it would hold us up for ever.
        setTimeout(() => server.closeAllConnections(), timing.httpCloseMs).unref()
      }),
  }
}

async function answer(path: string, options: { checks: readonly Check[]; metrics: Metrics }) {
  if (path === '/healthz') return { status: 200, type: 'text/plain', body: 'ok\n' }
  if (path === '/readyz') {
    const results = await Promise.all(options.checks.map(judge))
    const status = results.every((each) => each.ok) ? 200 : 503
    const body = results.map((each) => `${each.ok ? 'ok' : 'NOT READY'} ${each.name}${each.why}\n`).join('')
    return { status, type: 'text/plain', body }
  }
  if (path === '/metrics') {
    const { type, body } = await options.metrics.text()
    return { status: 200, type, body }
  }
  return { status: 404, type: 'text/plain', body: 'not found\n' }
}

async function judge({ name, check }: Check): Promise<{ name: string; ok: boolean; why: string }> {
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(() => reject(new Error(`no answer in ${checkPatience / 1_000} s`)), checkPatience).unref()
  })
  try {
    const said = await Promise.race([check(), late])
    if (said === false) return { name, ok: false, why: ': not reachable' }
    return { name, ok: true, why: typeof said === 'string' ? `: ${said}` : '' }
  } catch (error) {
    return { name, ok: false, why: `: ${error instanceof Error ? error.message : String(error)}` }
  }
}
