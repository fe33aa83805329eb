import type { AddressInfo, Server } from 'node:net'

/** Opens a server on any free port of the loopback address; resolves with the port. */
export function listenOnLoopback(server: Server): Promise<number> {
  return listenOn(server, '127.0.0.1')
}

/** Opens a server on any free port of an address; resolves with the port. */
export function listenOn(server: Server, address: string): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, address, () => resolve((server.address() as AddressInfo).port))
  })
}

type HttpServer = { close: (done: () => void) => unknown; closeAllConnections: () => void }

/** Closes an HTTP server with all its connections; resolves when it is closed. */
export function closeServer(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
