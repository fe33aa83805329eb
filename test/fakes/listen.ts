import type { AddressInfo, Server } from 'node:net'

/** Opens a server on any free port of the loopback address; resolves with the port. */
export function listenOnLoopback(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
