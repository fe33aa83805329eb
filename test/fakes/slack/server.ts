import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { closeServer, listenOn } from '#test/fakes/listen'
import { slackApi } from './api.ts'
import { newWorkspace, type SlackState } from './state.ts'

/** Called for each call of the Web API. Returns how it fails, or undefined. `reply-lost`: the call is handled, but its answer is lost. `error`: Slack's code of an error. */
export type Fault = (
  method: string,
  args: Record<string, string>,
) =>
  | 'rate-limited'
  | 'error'
  | 'html'
  | 'cut'
  | 'slow'
  | 'never'
  | 'reply-lost'
  | 'gone'
  | 'uninstalled'
  | { error: string }
  | undefined

export type FakeSlack = {
  state: SlackState
  /** Base of the Web API, for the adapter's option `apiUrl`. */
  apiUrl: string
  /** Address of a response URL. */
  responseUrl: string
  misbehave: (fault: Fault | undefined) => void
  /** Returns the open Socket Mode connections. */
  sockets: () => readonly WebSocket[]
  close: () => Promise<void>
}

/** Resolves with the content of an uploaded file: text as it is, PNG in base64. */
async function contentOf(part: Blob): Promise<string> {
  const bytes = Buffer.from(await part.arrayBuffer())
  return bytes[0] === 0x89 ? bytes.toString('base64') : bytes.toString('utf8')
}

/**
 * Starts a stand-in for Slack, on loopback or an address that pods reach: the Web API, file uploads, response URLs and Socket Mode, with Slack's
 * limits. `outward`: base URL at which it is reached, where that is another one.
 */
export async function startFakeSlack(
  state: SlackState = newWorkspace(),
  address = '127.0.0.1',
  outward?: (port: number) => string,
): Promise<FakeSlack> {
  let fault: Fault | undefined
  let base = ''
  const api = slackApi(state, () => base)
  const sockets = new Set<WebSocket>()
  const server = createServer((request, response) => {
    void handle(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  const hub = new WebSocketServer({ server, path: '/link' })
  hub.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.send(JSON.stringify({ type: 'hello', num_connections: 1, connection_info: { app_id: 'A1' } }))
  })

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await read(request)
    const path = request.url ?? ''
    if (path.startsWith('/upload/')) {
      const form = await new Response(body, {
        headers: { 'content-type': request.headers['content-type'] ?? '' },
      }).formData()
      const parts = await Promise.all(
        [...form.values()].map((part) => (typeof part === 'string' ? part : contentOf(part))),
      )
      const taken = api.upload(path.slice('/upload/'.length), parts.join(''))
      response.writeHead(taken ? 200 : 404).end('OK')
      return
    }
    if (path === '/response') {
      state.ephemeral.push(String((JSON.parse(body.toString('utf8')) as { text?: string }).text))
      response.writeHead(200).end('ok')
      return
    }
    answer(path.replace('/api/', ''), request, body.toString('utf8'), response)
  }

  const answer = (method: string, request: IncomingMessage, body: string, response: ServerResponse) => {
    const args = Object.fromEntries(new URLSearchParams(body))
    const trouble = fault?.(method, args)
    const recordCall = (taken: boolean) => state.calls.push({ method, taken, at: Date.now() })
    if (trouble !== undefined && trouble !== 'reply-lost') {
      recordCall(false)
      sendFault(trouble, response)
      return
    }
    const token = request.headers.authorization?.replace('Bearer ', '') ?? args['token'] ?? ''
    if (method === 'apps.connections.open') {
      const ok = token === state.appToken
      send(response, ok ? { ok, url: `${base.replace('http', 'ws')}/link` } : { ok, error: 'invalid_auth' })
      return
    }
    const result = api.call(method, token, args)
    recordCall('body' in result && result.body['ok'] === true)
    if (trouble === 'reply-lost') {
      response.socket?.destroy()
      return
    }
    if ('retryAfter' in result) {
      response.writeHead(429, { 'retry-after': String(result.retryAfter) }).end()
      return
    }
    send(response, result.body, { 'x-oauth-scopes': state.scopes.join(',') })
  }

  const port = await listenOn(server, address)
  base = outward?.(port) ?? `http://${address}:${port}`
  return {
    state,
    apiUrl: `${base}/api/`,
    responseUrl: `${base}/response`,
    misbehave: (next) => {
      fault = next
    },
    sockets: () => [...sockets],
    close() {
      for (const socket of sockets) socket.terminate()
      hub.close()
      return closeServer(server)
    },
  }
}

function sendFault(trouble: Exclude<ReturnType<Fault>, 'reply-lost' | undefined>, response: ServerResponse): void {
  if (typeof trouble === 'object') {
    send(response, { ok: false, ...trouble })
    return
  }
  switch (trouble) {
    case 'uninstalled':
      send(response, { ok: false, error: 'account_inactive' })
      return
    case 'gone':
      send(response, { ok: false, error: 'channel_not_found' })
      return
    case 'rate-limited':
      response.writeHead(429, { 'retry-after': '1' }).end()
      return
    case 'error':
      response.writeHead(503).end('upstream connect error')
      return
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>maintenance</html>')
      return
    case 'cut':
      response.socket?.destroy()
      return
    case 'never':
      return
    case 'slow':
      setTimeout(() => response.writeHead(504).end(), 1_500)
  }
}

function send(response: ServerResponse, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}
