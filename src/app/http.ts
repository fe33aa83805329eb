import type { Log } from '#core/ports/log'
import { readRoute, routeTable } from '#src/http/route-table'
import {
  type HttpTiming,
  type ListeningServer,
  limitedHttpServer,
  type Mount,
  type UpgradeListener,
} from '#src/http/server'

export type HttpServer = ListeningServer & {
  mount: Mount
  /** Mounts what takes over the connections of requests to a path that ask for another protocol. */
  mountUpgrade: (path: string, listener: UpgradeListener) => void
}

/** Creates the server of webhooks and pages, where chat adapters and pages mount their listeners. Health has one of its own. */
export function httpServer(options: { log: Log; timing?: Partial<HttpTiming> }): HttpServer {
  const upgrades = new Map<string, UpgradeListener>()
  const { add, routeOf } = routeTable()
  return {
    mount: (path, listener, accepts = {}) => add({ ...readRoute(path, listener), ...accepts }),
    mountUpgrade: (path, listener) => void upgrades.set(path, listener),
    ...limitedHttpServer({ ...options, routeOf, upgradeOf: (path) => upgrades.get(path) }),
  }
}
