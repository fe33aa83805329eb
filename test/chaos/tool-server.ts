import { createServer } from 'node:http'
import { closeServer, listenOn } from '#test/fakes/listen'

/** Server that the tools of runs read from: `curl http://HOST:PORT/TOKEN/LINES/MILLISECONDS` prints numbered lines over that time. */
export type ToolServer = {
  address: string
  /** Returns the number of requests with a token, that is how often its tool ran, for each target that sent any. */
  hits: (token: string) => readonly number[]
  close: () => Promise<void>
}

/** Returns line `at` of a tool's output, as it must be in the run's transcript. */
export function lineOf(token: string, at: number): string {
  return `${token} line ${at} ${'.'.repeat(40)}`
}

/** Starts the server on an address that the cluster's pods can reach. */
export async function openToolServer(host: string): Promise<ToolServer> {
  const hits = new Map<string, Map<string, number>>()
  const server = createServer((request, response) => {
    const [, token = '', lines = '0', totalMs = '0'] = (request.url ?? '').split('/')
    const from = request.socket.remoteAddress ?? ''
    const own = hits.get(token) ?? new Map<string, number>()
    hits.set(token, own.set(from, (own.get(from) ?? 0) + 1))
    const [count, delayMs] = [Number(lines), Number(totalMs) / Number(lines)]
    response.writeHead(200, { 'content-type': 'text/plain' })
    let at = 0
    const writeNext = () => {
      // Many lines in a short time are written in batches.
      for (const until = Math.min(count, at + Math.max(1, Math.ceil(5 / Math.max(delayMs, 0.01)))); at < until; )
        response.write(`${lineOf(token, ++at)}\n`)
      if (at < count && !response.destroyed) setTimeout(writeNext, Math.max(5, delayMs))
      else response.end()
    }
    writeNext()
  })
  const port = await listenOn(server, host)
  return {
    address: `http://${host}:${port}`,
    hits: (token) => [...(hits.get(token)?.values() ?? [])],
    close: () => closeServer(server),
  }
}
