import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a run's tool asks for: `curl http://HOST:PORT/TOKEN/LINES/MILLISECONDS` prints numbered lines over that time. */
export type ToolServer = {
  address: string
  /** How often a tool asked in the name of a token, that is how often it was run, on each target. */
  hits: (token: string) => readonly number[]
  close: () => Promise<void>
}

/** Line `at` of a run's output, as it must stand in its transcript. */
export function lineOf(token: string, at: number): string {
  return `${token} line ${at} ${'.'.repeat(40)}`
}

/** Listens on an address that the cluster's pods reach. */
export async function openToolServer(host: string): Promise<ToolServer> {
  const hits = new Map<string, Map<string, number>>()
  const server = createServer((request, response) => {
    const [, token = '', lines = '0', over = '0'] = (request.url ?? '').split('/')
    const from = request.socket.remoteAddress ?? ''
    const own = hits.get(token) ?? new Map<string, number>()
    hits.set(token, own.set(from, (own.get(from) ?? 0) + 1))
    const [count, pause] = [Number(lines), Number(over) / Number(lines)]
    response.writeHead(200, { 'content-type': 'text/plain' })
    let at = 0
    const more = () => {
      // Many lines in a short time go in bunches.
      for (const until = Math.min(count, at + Math.max(1, Math.ceil(5 / Math.max(pause, 0.01)))); at < until; )
        response.write(`${lineOf(token, ++at)}\n`)
      if (at < count && !response.destroyed) setTimeout(more, Math.max(5, pause))
      else response.end()
    }
    more()
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: `http://${host}:${port}`,
    hits: (token) => [...(hits.get(token)?.values() ?? [])],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
