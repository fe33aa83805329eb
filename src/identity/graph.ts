import { z } from 'zod'
import { ChatError } from '#core/ports/chat'
import { cachedToken } from '#core/util/cached-token'
import { defaultTiming, type Timing } from '#core/util/default-timings'
import { defined } from '#core/util/defined'
import { errorMessage } from '#core/util/error-message'
import { networkFailure } from '#core/util/network-failure'
import { doublingDelay, type RetryClock, retry } from '#core/util/retry'

export type GraphOptions = RetryClock & {
  clientId: string
  clientSecret: string
  /** Base URL of the login service, such as https://login.microsoftonline.com; national clouds have others. */
  loginUrl: string
  /**
   * Base URL of Microsoft Graph, such as https://graph.microsoft.com; tokens are requested for it, and sent only to it.
   */
  graphUrl: string
  timing?: Pick<Timing, 'chatRetryMs' | 'personCacheMs'>
}

/** Read access to Microsoft Graph with the application's own permissions. */
export type Graph = {
  /** Reads and validates one resource; undefined where there is none (404). Rejects with `ChatError`. */
  read: <T>(tenant: string, path: string, schema: z.ZodType<T>) => Promise<T | undefined>
  /** Reads all pages of a collection; undefined where its parent doesn't exist (404). Rejects with `ChatError`. */
  list: <T>(tenant: string, path: string, schema: z.ZodType<T>) => Promise<readonly T[] | undefined>
}

/** Maximum of attempts at one request. */
const maxAttempts = 4
/** Maximum of a server's `Retry-After`, in milliseconds; one that demands more counts as unavailable. */
const maxRetryAfterMs = 10_000
/** Time limit of one attempt, in milliseconds. */
const requestTimeoutMs = 10_000
/** Milliseconds before its expiry from which a token isn't used any more. */
const expiryMarginMs = 60_000
/** Maximum of pages of one collection: no person is in that many groups. */
const maxPages = 100

const tokenAnswer = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number() })
const tokenRefusal = z.object({ error: z.string() })

/**
 * Creates a client of Microsoft Graph. Sources: "OAuth 2.0 client credentials flow", "Paging Microsoft Graph data in
 * your app" and "Microsoft Graph throttling guidance", learn.microsoft.com.
 */
export function createGraph(options: GraphOptions): Graph {
  const { graphUrl } = options
  const tokens = new Map<string, ReturnType<typeof cachedToken>>()

  const tokensFor = (tenant: string) => {
    const tenantTokens = tokens.get(tenant) ?? cachedToken(() => requestToken(options, tenant), options.now)
    tokens.set(tenant, tenantTokens)
    return tenantTokens
  }

  const ask = async (tenant: string, url: string): Promise<Response> => {
    const tenantTokens = tokensFor(tenant)
    const token = tenantTokens.current()
    const headers = { authorization: `Bearer ${await token.text}`, accept: 'application/json' }
    const answer = await send(options, url, { headers })
    if (!answer.ok && answer.status !== 404) tenantTokens.drop(token)
    return answer
  }

  const get = async (tenant: string, url: string): Promise<unknown> => {
    // Requests a new token once, because the token may have been revoked before it expired.
    const first = await ask(tenant, url)
    const answer = first.status === 401 ? await ask(tenant, url) : first
    if (answer.status === 404) return undefined
    if (answer.ok) return readJson(answer)
    throw new ChatError(`Graph: HTTP ${answer.status}`, { permanent: true })
  }

  return {
    async read(tenant, path, schema) {
      const body = await get(tenant, `${graphUrl}/v1.0${path}`)
      return body === undefined ? undefined : validate(schema, body)
    },
    async list(tenant, path, schema) {
      const page = z.object({ value: z.array(schema), '@odata.nextLink': z.string().optional() })
      const all = []
      let url: string | undefined = `${graphUrl}/v1.0${path}`
      for (let pages = 0; url !== undefined; pages += 1) {
        // The token goes only to Graph, whatever the link is.
        if (pages === maxPages || !url.startsWith(`${graphUrl}/`)) throw new ChatError('Graph: too many pages')
        const body = await get(tenant, url)
        if (body === undefined) return undefined
        const { value, '@odata.nextLink': next } = validate(page, body)
        all.push(...value)
        url = next
      }
      return all
    },
  }
}

async function requestToken(options: GraphOptions, tenant: string): Promise<{ text: string; until: number }> {
  const { clientId, clientSecret, loginUrl, graphUrl } = options
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: `${graphUrl}/.default`,
  })
  const requestedAt = options.now()
  const answer = await send(options, `${loginUrl}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body })
  if (!answer.ok) {
    const why = tokenRefusal.safeParse(await answer.json().catch(() => undefined))
    const code = why.success ? why.data.error : `HTTP ${answer.status}`
    throw new ChatError(`Entra did not issue a token: ${code}`, { permanent: true })
  }
  const { access_token: text, expires_in: seconds } = validate(tokenAnswer, await readJson(answer))
  return { text, until: requestedAt + Math.max(0, seconds * 1_000 - expiryMarginMs) }
}

/**
 * Sends a request; retries after a temporary failure (429, 5xx, no answer), with the server's own delay or growing
 * ones.
 */
function send(options: GraphOptions, url: string, init: RequestInit): Promise<Response> {
  const { timing = defaultTiming } = options
  return retry(
    () => sendOnce(url, init),
    (error, { attempt }) => {
      if (!(error instanceof ChatError) || attempt === maxAttempts) return undefined
      const { retryAfterMs = doublingDelay(timing.chatRetryMs, attempt) } = error
      return (error.retryAfterMs ?? 0) > maxRetryAfterMs ? undefined : retryAfterMs
    },
    options,
  )
}

/** Makes one attempt. Rejects with `ChatError` after a temporary failure. */
async function sendOnce(url: string, init: RequestInit): Promise<Response> {
  const signal = AbortSignal.timeout(requestTimeoutMs)
  const answer = await fetch(url, { ...init, redirect: 'error', signal }).catch((error: unknown) => {
    throw new ChatError(`${new URL(url).host}: ${networkFailure(error) ?? errorMessage(error)}`)
  })
  if (answer.status !== 429 && answer.status < 500) return answer
  const retryAfterMs = parseRetryAfter(answer)
  throw new ChatError(`${new URL(url).host}: HTTP ${answer.status}`, defined({ retryAfterMs }))
}

/** Returns the milliseconds of `Retry-After`; Graph sends it only as a number of seconds. */
function parseRetryAfter(answer: Response): number | undefined {
  const text = answer.headers.get('retry-after') ?? ''
  return /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : undefined
}

async function readJson(answer: Response): Promise<unknown> {
  return answer.json().catch((cause: unknown) => {
    throw new ChatError('the response was cut off or is not JSON', { cause })
  })
}

function validate<T>(schema: z.ZodType<T>, body: unknown): T {
  const read = schema.safeParse(body)
  if (read.success) return read.data
  throw new ChatError(`the response has an unexpected shape: ${z.prettifyError(read.error)}`)
}
