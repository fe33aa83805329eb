import { randomInt } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { isRunning } from './is-running.ts'

/** Ports that the kernel gives to nobody who asks for any (those begin at 32768), and that no Service of type NodePort has. */
export const [firstPort, lastPort] = [15_000, 29_999]

let next = randomInt(firstPort, lastPort + 1)

/** Files named by ports, each with the id of the process that reserved it. Shared by all checkouts of this machine. */
const reservations = '/tmp/retina-chatops-ports'

/**
 * Resolves with a free port of the loopback address, each time another one. It is reserved until this process ends: no connection gets it by
 * chance until it is used, as would happen to a port that the kernel chose, and no other process gets it from this function.
 */
export async function freePort(): Promise<number> {
  for (let tries = firstPort; tries <= lastPort; tries += 1) {
    const port = next
    next = port === lastPort ? firstPort : port + 1
    if (reserve(port) && (await isFree(port))) return port
  }
  throw new Error(`no port from ${firstPort} to ${lastPort} is free`)
}

/** Reserves a port. Returns false where a process that is running has reserved it. */
function reserve(port: number): boolean {
  const file = join(reservations, String(port))
  mkdirSync(reservations, { recursive: true })
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    if (isRunning(Number(readFileSync(file, 'utf8')))) return false
  }
  writeFileSync(file, String(process.pid))
  return true
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
