import type { HttpListener, HttpRoute } from './server.ts'

/** Path of a server with what it accepts; a path that ends with `/` includes the paths directly below it. */
export type TableRoute = HttpRoute & { path: string }

/** Creates a route that is read: GET and HEAD, without a body. */
export function readRoute(path: string, listener: HttpListener): TableRoute {
  return { path, methods: ['GET', 'HEAD'], maxBodyBytes: 0, listener }
}

/** Creates a route to which clients post at most `maxBodyBytes`. */
export function postRoute(path: string, maxBodyBytes: number, listener: HttpListener): TableRoute {
  return { path, methods: ['POST'], maxBodyBytes, listener }
}

/** Table of a server's routes, which is filled before it listens or while it does. */
export type RouteTable = {
  add: (route: TableRoute) => void
  /** Returns what answers a path: its own route, else that of the folder in which it stands. */
  routeOf: (path: string) => HttpRoute | undefined
}

export function routeTable(routes: readonly TableRoute[] = []): RouteTable {
  const byPath = new Map<string, HttpRoute>()
  const add = ({ path, ...route }: TableRoute) => void byPath.set(path, route)
  routes.forEach(add)
  return { add, routeOf: (path) => byPath.get(path) ?? byPath.get(path.slice(0, path.lastIndexOf('/') + 1)) }
}
