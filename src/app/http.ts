import type { Log } from '#core/ports/log'
import { type HttpRoute, type HttpTiming, type ListeningServer, limitedHttpServer, type Mount } from '#src/http/server'

export type HttpServer = ListeningServer & { mount: Mount }

/** Creates the server of webhooks and pages, where chat adapters and pages mount their listeners. Health has one of its own. */
export function httpServer(options: { log: Log; timing?: Partial<HttpTiming> }): HttpServer {
  const mounted = new Map<string, HttpRoute>()
  const routeOf = (path: string) => mounted.get(path) ?? mounted.get(path.slice(0, path.lastIndexOf('/') + 1))
  return {
    mount(path, listener, accepts = {}) {
      mounted.set(path, { methods: ['GET', 'HEAD'], maxBodyBytes: 0, listener, ...accepts })
    },
    ...limitedHttpServer({ ...options, routeOf }),
  }
}
