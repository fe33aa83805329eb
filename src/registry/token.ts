import { z } from 'zod'
import type { Challenge } from './challenge.ts'
import type { Credentials } from './credentials.ts'
import { bodyOf, type RegistryRequest, type RequestPolicy, request } from './http.ts'
import { RegistryError } from './problem.ts'
import type { RegistryReference } from './reference.ts'

const granted = z.object({ token: z.string().min(1).optional(), access_token: z.string().min(1).optional() })

/**
 * The value of `Authorization` that answers a challenge: a token of the registry's token service, anonymous where there are no
 * credentials, or the credentials themselves. Undefined where there is nothing to show. Throws `Problem`.
 * Source: Distribution Registry Token Authentication, and its OAuth2 variant for refresh tokens.
 */
export async function authorizationFor(
  challenge: Challenge,
  where: RegistryReference,
  credentials: Credentials | undefined,
  way: RequestPolicy,
): Promise<string | undefined> {
  if (challenge.scheme === 'basic') {
    return credentials !== undefined && 'basic' in credentials ? `Basic ${credentials.basic}` : undefined
  }
  if (credentials !== undefined && 'bearer' in credentials) return `Bearer ${credentials.bearer}`
  const url = URL.parse(challenge.realm)
  if (url === null) throw new RegistryError(`${where.registry} names no token service`)
  const { service, scope = `repository:${where.name}:pull` } = challenge
  const wanted = new URLSearchParams({ ...(service === undefined ? {} : { service }), scope })
  const answer = await request(url, questionFor(url, wanted, credentials), way)
  if (!answer.ok) {
    await answer.body?.cancel()
    throw new RegistryError(`the token service of ${where.registry} gives no token (${answer.status})`)
  }
  const token = await tokenIn(answer)
  if (token === undefined) throw new RegistryError(`the token service of ${where.registry} answers without a token`)
  return `Bearer ${token}`
}

/** Puts what is wanted where it belongs: into the address, or beside a refresh token into the body. */
function questionFor(url: URL, wanted: URLSearchParams, credentials: Credentials | undefined): RegistryRequest {
  if (credentials !== undefined && 'refreshToken' in credentials) {
    wanted.set('grant_type', 'refresh_token')
    wanted.set('refresh_token', credentials.refreshToken)
    wanted.set('client_id', 'retina-chatops')
    return { method: 'POST', body: wanted }
  }
  for (const [name, value] of wanted) url.searchParams.set(name, value)
  const basic = credentials !== undefined && 'basic' in credentials ? credentials.basic : undefined
  return { method: 'GET', ...(basic === undefined ? {} : { headers: { authorization: `Basic ${basic}` } }) }
}

async function tokenIn(answer: Response): Promise<string | undefined> {
  const text = Buffer.from(await bodyOf(answer)).toString('utf8')
  try {
    const { token, access_token: access } = granted.parse(JSON.parse(text))
    return token ?? access
  } catch {
    return undefined
  }
}
