import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Log } from '#core/ports/log'
import { defaultTiming, type Timing } from '#core/util/default-timings'
import type { Metrics } from './metrics.ts'

type Listener = (request: IncomingMessage, response: ServerResponse) => void

/**
 * A dependency that the program needs to do its work. `check` rejects, or resolves with false, when it is unavailable;
 * a text that it resolves with is shown beside its name.
 */
export type Check = { name: string; check: () => Promise<unknown> }

export type HttpServer = {
  /** Routes a path to a chat adapter or page; a path that ends with `/` includes all below it. */
  mount: (path: string, listener: Listener) => void
  /** Marks the server as open: from now on requests are answered, even if only with what is missing. */
  opened: () => void
  /** Resolves with the port that it listens on. */
  listen: (host: string, port: number) => Promise<number>
  close: () => Promise<void>
}

/** Time limit of one readiness check. */
const checkTimeoutMs = 3_000

/**
 * Creates the HTTP server. `/healthz`: the process lives. `/readyz`: Redis, clusters and chats are reachable, each by
 * name (503 where one isn't). `/openz`: the chat adapters accept commands, so people get replies even while Redis is
 * unreachable. `/metrics`: Prometheus. Chat adapters mount their webhooks at their own paths.
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
        // Node doesn't count a connection as idle before its first request. Browsers open such connections in advance,
        // and each would delay closing forever.
        setTimeout(() => server.closeAllConnections(), timing.httpCloseMs).unref()
      }),
  }
}

async function answer(path: string, options: { checks: readonly Check[]; metrics: Metrics }) {
  if (path === '/healthz') return { status: 200, type: 'text/plain', body: 'ok\n' }
  if (path === '/readyz') {
    const results = await Promise.all(options.checks.map(runCheck))
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

async function runCheck({ name, check }: Check): Promise<{ name: string; ok: boolean; why: string }> {
  const timeout = new Promise<never>((_resolve, reject) => {
    setTimeout(() => reject(new Error(`no answer in ${checkTimeoutMs / 1_000} s`)), checkTimeoutMs).unref()
  })
  try {
    const result = await Promise.race([check(), timeout])
    if (result === false) return { name, ok: false, why: ': not reachable' }
    return { name, ok: true, why: typeof result === 'string' ? `: ${result}` : '' }
  } catch (error) {
    return { name, ok: false, why: `: ${error instanceof Error ? error.message : String(error)}` }
  }
}
