import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { closeServer, listenOnLoopback } from '#test/fakes/listen'
import { type Answer, connector } from './connector.ts'
import { newTeams, type TeamsState } from './state.ts'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const kid = 'key-1'

export type TeamsFault = (what: string) => Answer | undefined

export type FakeTeams = {
  state: TeamsState
  /** Base URL of the login service, of the Bot Framework's keys, and of the connector. */
  url: string
  misbehave: (fault: TeamsFault | undefined) => void
  /** Returns a token as the Bot Framework signs it, with changes to its claims. */
  sign: (claims?: Record<string, unknown>) => string
  close: () => Promise<void>
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Starts a stand-in for Teams and the Bot Framework on loopback: login, signing keys and the connector, as strict as the originals. `outward`: base URL at which it is reached. */
export async function startFakeTeams(tenant: string, outward?: (port: number) => string): Promise<FakeTeams> {
  const state = newTeams(tenant)
  const tokens = new Set<string>()
  const connect = connector(state)
  let fault: TeamsFault | undefined
  let url = ''

  const answerTo = (request: IncomingMessage, body: string): Answer => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    if (pathname === '/openid') {
      const metadata = {
        issuer: 'https://api.botframework.com',
        jwks_uri: `${url}/keys`,
        id_token_signing_alg_values_supported: ['RS256'],
      }
      return { status: 200, body: metadata }
    }
    if (pathname === '/keys') {
      const key = { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', x5t: kid, endorsements: ['msteams'] }
      return { status: 200, body: { keys: [key] } }
    }
    if (pathname === `/${tenant}/oauth2/v2.0/token`) {
      const fields = new URLSearchParams(body)
      const known = fields.get('client_id') === state.appId && fields.get('client_secret') === state.secret
      if (!known || fields.get('scope') !== 'https://api.botframework.com/.default')
        return { status: 401, body: { error: 'invalid_client' } }
      const token = randomUUID()
      tokens.add(token)
      return { status: 200, body: { token_type: 'Bearer', access_token: token, expires_in: 3_600 } }
    }
    if (!tokens.has(request.headers.authorization?.replace('Bearer ', '') ?? '')) return { status: 401 }
    return fault?.(`${request.method} ${pathname}`) ?? connect(request.method ?? '', pathname, searchParams, body)
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { status, body, headers } = answerTo(request, Buffer.concat(chunks).toString('utf8'))
      state.calls.push({ what: `${request.method} ${request.url}`, status })
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(body === undefined ? '' : JSON.stringify(body))
    })
  })
  const port = await listenOnLoopback(server)
  url = outward?.(port) ?? `http://127.0.0.1:${port}`
  return {
    state,
    url,
    misbehave: (next) => {
      fault = next
    },
    sign(claims = {}) {
      const seconds = Math.floor(Date.now() / 1_000)
      const own = {
        iss: 'https://api.botframework.com',
        aud: state.appId,
        serviceurl: url,
        nbf: seconds - 5,
        exp: seconds + 300,
      }
      const text = `${encoded({ alg: 'RS256', typ: 'JWT', kid })}.${encoded({ ...own, ...claims })}`
      return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey).toString('base64url')}`
    },
    close: () => closeServer(server),
  }
}
