import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Log } from '#core/ports/log'
import { defaultTiming, type Timing } from '#core/util/default-timings'
import { findHeadProblem, findRequestProblem, type HttpRefusal } from './check-request-head.ts'
import { readRequestBody } from './request-body.ts'
import { parseRequestTarget } from './request-target.ts'

/**
 * Request that was read as a whole: `path` and `query` are its parsed target, `rawBody` its body. They stand on Node's own request, because
 * libraries read from that: Bolt takes a body from `rawBody`.
 */
export type HttpRequest = IncomingMessage & { path: string; query: URLSearchParams; rawBody: Buffer }

export type HttpListener = (request: HttpRequest, response: ServerResponse) => void | Promise<void>

export type HttpMethod = 'GET' | 'HEAD' | 'POST'

/** Takes over a connection; `head` is what was received of it already. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** What a path accepts. `maxBodyBytes` is 0 for a path that reads no body. */
export type HttpRoute = { methods: readonly HttpMethod[]; maxBodyBytes: number; listener: HttpListener }

/** What a path accepts, where it isn't what pages accept: GET and HEAD, without a body. */
export type Accepts = Partial<Pick<HttpRoute, 'methods' | 'maxBodyBytes'>>

/** Mounts a listener at a path; a path that ends with `/` includes the paths directly below it. */
export type Mount = (path: string, listener: HttpListener, accepts?: Accepts) => void

export type HttpTiming = Pick<Timing, 'httpCloseMs' | 'httpHeadersMs' | 'httpRequestMs' | 'httpIdleMs' | 'httpCheckMs'>

export type HttpOptions = {
  /** Returns what answers a path; undefined for a path that nothing answers. */
  routeOf: (path: string) => HttpRoute | undefined
  /** Returns why a request is refused before its path is looked at. */
  guard?: (request: IncomingMessage) => HttpRefusal | undefined
  /** Headers of all answers. */
  headers?: Readonly<Record<string, string>>
  /** Returns what takes over the connection of a request to this path that asks for another protocol. */
  upgradeOf?: (path: string) => UpgradeListener | undefined
  log: Log
  timing?: Partial<HttpTiming>
}

export type ListeningServer = {
  /** Resolves with the port that it listens on. */
  listen: (host: string, port: number) => Promise<number>
  /** Answers the requests in progress, and closes all connections. */
  close: () => Promise<void>
}

/** Maximum number of connections; Node.js closes further ones at once. */
const maxConnections = 2_000
/** Maximum bytes of the head of a request, and of the trailer of its body. */
const maxHeaderBytes = 16 * 1_024
/** Requests of one connection, after which it is closed. */
const maxRequestsPerConnection = 1_000
/** Milliseconds for which a connection without a request is kept open. */
const keepAliveMs = 5_000

/**
 * Creates an HTTP server that answers 4xx to everything that it can't read, and ends no process: what a listener throws is logged and answered with
 * 500. Bounds every request in size and time; decision 030.
 */
export function limitedHttpServer(options: HttpOptions): ListeningServer {
  const timing = { ...defaultTiming, ...options.timing }
  const limits = {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: timing.httpHeadersMs,
    requestTimeout: timing.httpRequestMs,
    connectionsCheckingInterval: timing.httpCheckMs,
    keepAliveTimeout: keepAliveMs,
    requireHostHeader: true,
    // Without a listener for its path, a request that asks for another protocol is answered as an ordinary one.
    shouldUpgradeCallback: (request: IncomingMessage) => findUpgrade(request, options) !== undefined,
  }
  const server = createServer(limits, (request, response) => {
    handle(request, response, options).catch((error: unknown) => {
      options.log.error({ error: describeError(error) }, 'HTTP request failed')
      if (response.headersSent) response.destroy()
      else refuse(response, { status: 500, text: 'something broke' })
    })
  })
  // A connection on which nothing is sent either way for that long, such as that of a client which doesn't read its answer.
  server.timeout = timing.httpIdleMs
  server.on('upgrade', (request, socket, head) =>
    findUpgrade(request, options)?.(request, withoutTimeout(socket), head),
  )
  server.maxConnections = maxConnections
  server.maxRequestsPerSocket = maxRequestsPerConnection
  return { listen: (host, port) => listen(server, host, port, options.log), close: () => close(server, timing) }
}

async function handle(request: IncomingMessage, response: ServerResponse, options: HttpOptions): Promise<void> {
  for (const [name, value] of Object.entries(options.headers ?? {})) response.setHeader(name, value)
  const problem = findRequestProblem(request) ?? options.guard?.(request)
  if (problem !== undefined) return refuse(response, problem)
  const target = parseRequestTarget(request.url ?? '')
  if (target === undefined) return refuse(response, { status: 400, text: 'no such address' })
  const route = options.routeOf(target.path)
  if (route === undefined) return refuse(response, { status: 404, text: 'not found' })
  if (!route.methods.some((method) => method === request.method)) {
    response.setHeader('allow', route.methods.join(', '))
    return refuse(response, { status: 405, text: `${route.methods.join(' or ')} only` })
  }
  const body = await readRequestBody(request, route.maxBodyBytes)
  if ('problem' in body) {
    if (body.problem === 'too-long') refuse(response, { status: 413, text: 'too long' })
    return
  }
  await route.listener(Object.assign(request, { ...target, rawBody: body.bytes }), response)
}

/** Returns what takes over the connection of a request for a WebSocket. */
function findUpgrade(request: IncomingMessage, { guard, upgradeOf }: HttpOptions): UpgradeListener | undefined {
  if (upgradeOf === undefined || request.method !== 'GET' || request.headers.upgrade?.toLowerCase() !== 'websocket')
    return undefined
  if (findHeadProblem(request) !== undefined || guard?.(request) !== undefined) return undefined
  const target = parseRequestTarget(request.url ?? '')
  return target === undefined ? undefined : upgradeOf(target.path)
}

/** Removes the time limit of idle connections: what takes it over has limits of its own. */
function withoutTimeout(socket: Duplex): Duplex {
  if ('setTimeout' in socket && typeof socket.setTimeout === 'function') socket.setTimeout(0)
  return socket
}

/** Answers with a refusal and closes the connection: the rest of its request isn't read. */
function refuse(response: ServerResponse, { status, text }: HttpRefusal): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(`${text}\n`)
}

/** Describes an error without the text that it may quote: a parser's message has a piece of what somebody sent. */
function describeError(error: unknown): string {
  return error instanceof SyntaxError ? error.name : String(error)
}

function listen(server: Server, host: string, port: number, log: Log): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      // A connection that couldn't be accepted, such as where the process has no file descriptor left.
      server.on('error', (error) => log.error({ error: String(error) }, 'HTTP connection failed'))
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function close(server: Server, timing: Pick<Timing, 'httpCloseMs'>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
    // Node.js doesn't count a connection as idle before its first request. Browsers open such connections in advance, and each would delay closing
    // forever.
    setTimeout(() => server.closeAllConnections(), timing.httpCloseMs).unref()
  })
}
