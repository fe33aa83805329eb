import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { closeServer, listenOnLoopback } from '#test/fakes/listen'
import { type EntraState, type EntraTenant, newEntra } from './state.ts'

type Answer = { status: number; body?: object; headers?: Record<string, string> }

/** Returns an answer that is sent instead of the correct one, or undefined; `cut` closes the connection. `what`: method and path. */
export type EntraFault = (what: string) => Answer | 'cut' | undefined

export type FakeEntra = {
  state: EntraState
  /** Base of both the login service and Graph. */
  url: string
  /** Clock for the expiry of tokens, in milliseconds. */
  clock: { now: number }
  misbehave: (fault: EntraFault | undefined) => void
  close: () => Promise<void>
}

const graphError = (status: number, code: string): Answer => ({ status, body: { error: { code, message: code } } })

/** Properties that Graph returns without `$select`. */
const defaultProperties = ['id', 'displayName', 'mail', 'userPrincipalName']

/**
 * Starts a stand-in for Entra's login service and Microsoft Graph on loopback, which refuses unknown paths, options and tokens as they do. `outward`: base
 * URL at which it is reached.
 */
export async function startFakeEntra(
  state: EntraState = newEntra(),
  outward?: (port: number) => string,
): Promise<FakeEntra> {
  let fault: EntraFault | undefined
  let url = ''
  const clock = { now: 1_000_000 }

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const what = `${request.method} ${pathname}`
    const body = await read(request)
    const answer = fault?.(what) ?? answerTo(state, clock.now, url, { what, pathname, searchParams, body, request })
    if (answer === 'cut') {
      state.calls.push({ what, status: 0 })
      response.socket?.destroy()
      return
    }
    state.calls.push({ what, status: answer.status })
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
    response.end(answer.body === undefined ? '' : JSON.stringify(answer.body))
  }
  const server = createServer((request, response) => {
    void handle(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  const port = await listenOnLoopback(server)
  url = outward?.(port) ?? `http://127.0.0.1:${port}`
  return {
    state,
    url,
    clock,
    misbehave: (next) => {
      fault = next
    },
    close: () => closeServer(server),
  }
}

type ParsedRequest = {
  what: string
  pathname: string
  searchParams: URLSearchParams
  body: string
  request: IncomingMessage
}

function answerTo(state: EntraState, now: number, base: string, parsed: ParsedRequest): Answer {
  const [, tenantId = ''] = /^POST \/([^/]+)\/oauth2\/v2\.0\/token$/.exec(parsed.what) ?? []
  if (tenantId !== '') return newToken(state, now, tenantId, base, parsed.body)
  const token = state.tokens.get(parsed.request.headers.authorization?.replace('Bearer ', '') ?? '')
  const tenant = token === undefined ? undefined : state.tenants.get(token.tenant)
  if (token === undefined || tenant === undefined || token.until <= now)
    return graphError(401, 'InvalidAuthenticationToken')
  const [, path = ''] = /^GET \/v1\.0(\/.*)$/.exec(parsed.what) ?? []
  if (path === '/organization') {
    const verifiedDomains = tenant.domains.map((name) => ({ name, type: 'Managed' }))
    return { status: 200, body: { value: [{ id: tenant.id, verifiedDomains }] } }
  }
  const [, id = '', rest = ''] = /^\/users\/([^/]+)(\/transitiveMemberOf)?$/.exec(path) ?? []
  const user = tenant.users.get(id) ?? [...tenant.users.values()].find((each) => each.userPrincipalName === id)
  if (id === '') return graphError(400, 'BadRequest')
  if (user === undefined) return graphError(404, 'Request_ResourceNotFound')
  if (rest !== '') return memberOf(tenant, user.id, state.pageSize, base, parsed)
  const wanted = parsed.searchParams.get('$select')?.split(',') ?? defaultProperties
  const fields = Object.entries(user).filter(([name]) => wanted.includes(name))
  return { status: 200, body: Object.fromEntries(fields) }
}

function newToken(state: EntraState, now: number, tenantId: string, base: string, body: string): Answer {
  const fields = new URLSearchParams(body)
  const refuse = (status: number, error: string): Answer => ({
    status,
    body: { error, error_description: `AADSTS0: ${fields.get('client_id')}` },
  })
  const tenant = state.tenants.get(tenantId)
  if (tenant === undefined || fields.get('grant_type') !== 'client_credentials') return refuse(400, 'invalid_request')
  if (fields.get('scope') !== `${base}/.default`) return refuse(400, 'invalid_scope')
  if (fields.get('client_id') !== state.clientId || !tenant.consented) return refuse(400, 'unauthorized_client')
  if (fields.get('client_secret') !== state.clientSecret) return refuse(401, 'invalid_client')
  const token = `token-${randomUUID()}`
  state.tokens.set(token, { tenant: tenantId, until: now + state.tokenLifeSeconds * 1_000 })
  return { status: 200, body: { token_type: 'Bearer', expires_in: state.tokenLifeSeconds, access_token: token } }
}

/** Returns a page of a user's groups, roles and units, including those of nested groups. */
function memberOf(tenant: EntraTenant, user: string, pageSize: number, base: string, parsed: ParsedRequest): Answer {
  // Graph supports other options only in advanced queries, which need a special header.
  if ([...parsed.searchParams.keys()].some((name) => name !== '$skiptoken'))
    return graphError(400, 'Request_UnsupportedQuery')
  const found = new Set<string>()
  for (let sizeBefore = -1; sizeBefore !== found.size; ) {
    sizeBefore = found.size
    for (const { id, members } of tenant.groups.values()) {
      if (members.some((member) => member === user || found.has(member))) found.add(id)
    }
  }
  const all = [...found].map((id) => ({
    '@odata.type': `#microsoft.graph.${tenant.groups.get(id)?.type}`,
    id,
    displayName: null,
  }))
  const from = Number(parsed.searchParams.get('$skiptoken') ?? 0)
  const next = from + pageSize
  const link = `${base}${parsed.pathname}?$skiptoken=${next}`
  const more = next < all.length ? { '@odata.nextLink': link } : {}
  return { status: 200, body: { ...more, value: all.slice(from, next) } }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
