import { z } from 'zod'
import { defined } from '#core/util/defined'
import { parseJson } from '#core/util/json'
import type { Challenge } from './challenge.ts'
import type { Credentials } from './credentials.ts'
import { bodyOf, type RegistryRequest, type RequestPolicy, request } from './http.ts'
import type { RegistryReference } from './reference.ts'
import { RegistryError } from './registry-error.ts'

const tokenAnswer = z.object({ token: z.string().min(1).optional(), access_token: z.string().min(1).optional() })

/**
 * Returns the value of `Authorization` for a challenge: a token of the registry's token service, an anonymous one
 * without credentials, or the credentials themselves. Returns undefined where credentials are missing. Throws
 * `RegistryError`.
 * Source: Distribution Registry Token Authentication, and its OAuth2 variant for refresh tokens.
 */
export async function authorizationFor(
  challenge: Challenge,
  where: RegistryReference,
  credentials: Credentials | undefined,
  policy: RequestPolicy,
): Promise<string | undefined> {
  if (challenge.scheme === 'basic') {
    return credentials !== undefined && 'basic' in credentials ? `Basic ${credentials.basic}` : undefined
  }
  if (credentials !== undefined && 'bearer' in credentials) return `Bearer ${credentials.bearer}`
  const url = URL.parse(challenge.realm)
  if (url === null) throw new RegistryError(`${where.registry} names no token service`)
  const { service, scope = `repository:${where.name}:pull` } = challenge
  const parameters = new URLSearchParams({ ...defined({ service }), scope })
  const answer = await request(url, buildTokenRequest(url, parameters, credentials), policy)
  if (!answer.ok) {
    await answer.body?.cancel()
    throw new RegistryError(`the token service of ${where.registry} did not issue a token (${answer.status})`)
  }
  const token = await readToken(answer)
  if (token === undefined) throw new RegistryError(`the token service of ${where.registry} returned no token`)
  return `Bearer ${token}`
}

/** Builds the token request: parameters go into the URL or, with a refresh token, into the body. */
function buildTokenRequest(
  url: URL,
  parameters: URLSearchParams,
  credentials: Credentials | undefined,
): RegistryRequest {
  if (credentials !== undefined && 'refreshToken' in credentials) {
    parameters.set('grant_type', 'refresh_token')
    parameters.set('refresh_token', credentials.refreshToken)
    parameters.set('client_id', 'retina-chatops')
    return { method: 'POST', body: parameters }
  }
  for (const [name, value] of parameters) url.searchParams.set(name, value)
  const basic = credentials !== undefined && 'basic' in credentials ? credentials.basic : undefined
  return { method: 'GET', ...(basic === undefined ? {} : { headers: { authorization: `Basic ${basic}` } }) }
}

async function readToken(answer: Response): Promise<string | undefined> {
  const text = Buffer.from(await bodyOf(answer)).toString('utf8')
  const { data } = tokenAnswer.safeParse(parseJson(text))
  return data?.token ?? data?.access_token
}
