import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Ports that the kernel gives to nobody who asks for any (those begin at 32768), and that no Service of type NodePort has. */
export const [firstPort, lastPort] = [15_000, 29_999]

let next = randomInt(firstPort, lastPort + 1)

/**
 * Resolves with a free port of the loopback address, each time another one. No connection and no other server gets it by chance until it is
 * used, as would happen to a port that the kernel chose.
 */
export async function freePort(): Promise<number> {
  for (let tries = firstPort; tries <= lastPort; tries += 1) {
    const port = next
    next = port === lastPort ? firstPort : port + 1
    if (await isFree(port)) return port
  }
  throw new Error(`no port from ${firstPort} to ${lastPort} is free`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
