import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { closeServer, listenOnLoopback } from '#test/fakes/listen'
import { issueToken, manifestOf, newRegistry, type RegistryState } from './state.ts'

/** Called for each request under /v2/. Returns a wrong answer, `silent` for none, or undefined for the correct one. */
export type Fault = (method: string, path: string) => Answer | 'silent' | undefined
type Answer = { status: number; headers?: Record<string, string>; body?: string }

export type FakeRegistry = {
  state: RegistryState
  /** Host and port, as in an image's name. */
  host: string
  misbehave: (fault: Fault | undefined) => void
  /** Stops the server. */
  close: () => Promise<void>
}

/**
 * Starts a stand-in for an image registry on loopback: manifests by tag, a token service, basic authentication. Source: OCI Distribution
 * Specification. `outward`: base URL at which it is reached.
 */
export async function startFakeRegistry(
  state: RegistryState = newRegistry(),
  outward?: (port: number) => string,
): Promise<FakeRegistry> {
  let fault: Fault | undefined
  let origin: string | undefined
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
    const body = await read(request)
    const trouble = url.pathname.startsWith('/v2/') ? fault?.(request.method ?? '', url.pathname) : undefined
    if (trouble === 'silent') return
    const base = origin ?? `http://${request.headers.host}`
    const answer =
      trouble ?? (url.pathname === '/token' ? token(state, url, request, body) : api(state, url, request, base))
    const { authorization } = request.headers
    state.requests.push({
      line: `${request.method} ${url.pathname}`,
      status: answer.status,
      ...(authorization === undefined ? {} : { authorization }),
    })
    response.writeHead(answer.status, answer.headers).end(request.method === 'HEAD' ? undefined : answer.body)
  }
  const port = await listenOnLoopback(server)
  origin = outward?.(port)
  return {
    state,
    host: origin === undefined ? `127.0.0.1:${port}` : new URL(origin).host,
    misbehave: (next) => {
      fault = next
    },
    close: () => closeServer(server),
  }
}

function api(state: RegistryState, url: URL, request: IncomingMessage, base: string): Answer {
  const [, name = '', reference = ''] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(url.pathname) ?? []
  if (name === '') return { status: 404 }
  if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405 }
  const { authorization = '' } = request.headers
  const challenge = authChallenge(state, name, authorization, base)
  if (challenge !== undefined) return challenge
  const found = manifestOf(state, name, reference, request.headers.accept ?? '')
  if (found === undefined) return { status: 404, body: JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN' }] }) }
  return {
    status: 200,
    headers: { 'content-type': found.type, 'docker-content-digest': found.digest },
    body: found.text,
  }
}

/** Returns a 401 answer if the credentials don't allow to pull the image. */
function authChallenge(state: RegistryState, name: string, authorization: string, base: string): Answer | undefined {
  if (state.auth === 'none') return undefined
  if (state.auth === 'basic') {
    if (authorization === basic(state)) return undefined
    return { status: 401, headers: { 'www-authenticate': 'Basic realm="Registry"' } }
  }
  const scope = `repository:${name}:pull`
  if (state.tokens.get(authorization.replace(/^Bearer /, '')) === scope) return undefined
  const challenge = `Bearer realm="${base}/token",service="fake registry",scope="${scope}"`
  return { status: 401, headers: { 'www-authenticate': challenge } }
}

function basic(state: RegistryState): string {
  return `Basic ${Buffer.from(`${state.user.name}:${state.user.password}`).toString('base64')}`
}

function token(state: RegistryState, url: URL, request: IncomingMessage, body: string): Answer {
  const params = request.method === 'POST' ? new URLSearchParams(body) : url.searchParams
  if (params.get('service') !== 'fake registry') return { status: 400 }
  const { authorization } = request.headers
  const refresh = request.method === 'POST'
  const known = refresh ? params.get('refresh_token') === state.user.refreshToken : authorization === basic(state)
  if ((refresh || authorization !== undefined) && !known) return { status: 401 }
  const issued = issueToken(state, params.get('scope') ?? '', known)
  // Docker's token service issues a token for any scope, and the registry refuses it; others refuse here.
  if (issued === undefined) return { status: 403 }
  return { status: 200, body: JSON.stringify(refresh ? { access_token: issued } : { token: issued, expires_in: 300 }) }
}

async function read(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) text += String(part)
  return text
}
