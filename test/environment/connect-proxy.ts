import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { listenOnLoopback } from '#test/fakes/listen'
import type { TestAuthority } from './test-authority.ts'

export type ConnectProxy = {
  url: string
  /** Targets of all CONNECT requests, as `host:port`, in order; refused ones too. */
  asked: string[]
  /** Values of `Proxy-Authorization` in these requests. */
  authorizations: (string | undefined)[]
  /** Returns the status with which a target is refused; undefined where it is let through. */
  refuse: (decide: (target: string) => number | undefined) => void
  close: () => Promise<void>
}

/** Starts an HTTP proxy on loopback that knows CONNECT only. `places`: ports on loopback by host name; no other host is reached. */
export async function startConnectProxy(places: ReadonlyMap<string, number>): Promise<ConnectProxy> {
  const asked: string[] = []
  const authorizations: (string | undefined)[] = []
  const sockets = new Set<Socket>()
  let decide: (target: string) => number | undefined = () => undefined
  const server = createServer((_request, response) => response.writeHead(405).end())
  server.on('connect', (request, client: Socket) => {
    const target = request.url ?? ''
    asked.push(target)
    authorizations.push(request.headers['proxy-authorization'])
    const port = places.get(target.replace(/:\d+$/, ''))
    const status = decide(target) ?? (port === undefined ? 502 : undefined)
    client.on('error', () => undefined)
    if (status !== undefined || port === undefined) {
      client.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`)
      return
    }
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.pipe(client).pipe(upstream)
    })
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => client.destroy()))
  })
  const port = await listenOnLoopback(server)
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    authorizations,
    refuse: (next) => {
      decide = next
    },
    close: () => closeAll(server, sockets),
  }
}

/** Starts a server on loopback that ends TLS and passes on to the port there that it asks for; resolves with its own port. */
export async function startTlsFront({ key, cert }: TestAuthority, port: () => number) {
  const sockets = new Set<Socket>()
  const server = createTlsServer({ key, cert }, (client) => {
    const upstream = connect(port(), '127.0.0.1')
    upstream.pipe(client).pipe(upstream)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {
        client.destroy()
        upstream.destroy()
      })
    }
  })
  server.on('tlsClientError', () => undefined)
  return { port: await listenOnLoopback(server), close: () => closeAll(server, sockets) }
}

function closeAll(server: { close: (done: () => void) => unknown }, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    for (const socket of sockets) socket.destroy()
  })
}
