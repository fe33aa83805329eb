import type { Log } from '#core/ports/log'
import { readRoute, routeTable } from '#src/http/route-table'
import { type HttpTiming, type ListeningServer, limitedHttpServer, type Mount } from '#src/http/server'

export type HttpServer = ListeningServer & { mount: Mount }

/** Creates the server of webhooks and pages, where chat adapters and pages mount their listeners. Health has one of its own. */
export function httpServer(options: { log: Log; timing?: Partial<HttpTiming> }): HttpServer {
  const { add, routeOf } = routeTable()
  return {
    mount: (path, listener, accepts = {}) => add({ ...readRoute(path, listener), ...accepts }),
    ...limitedHttpServer({ ...options, routeOf }),
  }
}
