import { z } from 'zod'
import { ChatError } from '#core/ports/chat'
import { cachedToken } from '#core/util/cached-token'
import { defaultTiming, type Timing } from '#core/util/timing'

export type GraphOptions = {
  clientId: string
  clientSecret: string
  /** Base of the login service, as https://login.microsoftonline.com; national clouds have others. */
  loginUrl: string
  /** Base of Microsoft Graph, as https://graph.microsoft.com; tokens are asked for it, and sent to it alone. */
  graphUrl: string
  /** Milliseconds. */
  now: () => number
  sleep: (milliseconds: number) => Promise<void>
  timing?: Pick<Timing, 'chatRetryMs' | 'personCacheMs'>
}

/** Microsoft Graph, read as the application itself. */
export type Graph = {
  /** One resource, checked; undefined where there is none (404). Rejects with `ChatError`. */
  read: <T>(tenant: string, path: string, schema: z.ZodType<T>) => Promise<T | undefined>
  /** All pages of a collection; undefined where what it belongs to isn't there. Rejects with `ChatError`. */
  list: <T>(tenant: string, path: string, schema: z.ZodType<T>) => Promise<readonly T[] | undefined>
}

/** Tries of one request. */
const tries = 4
/** Milliseconds that a server may make us wait between two tries; one that wants longer counts as away. */
const longestPause = 10_000
/** Milliseconds that one request may take. */
const patience = 10_000
/** Milliseconds before a token ends in which it isn't used any more. */
const margin = 60_000
/** Pages of one collection, at the most: nobody is in that many groups. */
const mostPages = 100

const tokenAnswer = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number() })
const refusal = z.object({ error: z.string() })

/**
 * Sources: "OAuth 2.0 client credentials flow", "Paging Microsoft Graph data in your app" and "Microsoft Graph throttling guidance",
 * learn.microsoft.com.
 */
export function openGraph(options: GraphOptions): Graph {
  const { graphUrl } = options
  const tokens = new Map<string, ReturnType<typeof cachedToken>>()

  const tokensFor = (tenant: string) => {
    const known = tokens.get(tenant) ?? cachedToken(() => newToken(options, tenant), options.now)
    tokens.set(tenant, known)
    return known
  }

  const get = async (tenant: string, url: string): Promise<unknown> => {
    for (let turn = 1; ; turn += 1) {
      const held = tokensFor(tenant)
      const token = held.current()
      const headers = { authorization: `Bearer ${await token.text}`, accept: 'application/json' }
      const answer = await send(options, url, { headers })
      if (answer.status === 404) return undefined
      if (answer.ok) return bodyOf(answer)
      // A token that was revoked before it expired: asks for a new one, once.
      held.drop(token)
      if (answer.status !== 401 || turn > 1) throw new ChatError(`Graph: HTTP ${answer.status}`, { permanent: true })
    }
  }

  return {
    async read(tenant, path, schema) {
      const body = await get(tenant, `${graphUrl}/v1.0${path}`)
      return body === undefined ? undefined : check(schema, body)
    },
    async list(tenant, path, schema) {
      const page = z.object({ value: z.array(schema), '@odata.nextLink': z.string().optional() })
      const all = []
      let url: string | undefined = `${graphUrl}/v1.0${path}`
      for (let pages = 0; url !== undefined; pages += 1) {
        // The token goes to Graph and nowhere else, whatever a link says.
        if (pages === mostPages || !url.startsWith(`${graphUrl}/`)) throw new ChatError('Graph: pages without end')
        const body = await get(tenant, url)
        if (body === undefined) return undefined
        const { value, '@odata.nextLink': next } = check(page, body)
        all.push(...value)
        url = next
      }
      return all
    },
  }
}

async function newToken(options: GraphOptions, tenant: string): Promise<{ text: string; until: number }> {
  const { clientId, clientSecret, loginUrl, graphUrl } = options
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: `${graphUrl}/.default`,
  })
  const asked = options.now()
  const answer = await send(options, `${loginUrl}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body })
  if (!answer.ok) {
    const why = refusal.safeParse(await answer.json().catch(() => undefined))
    const code = why.success ? why.data.error : `HTTP ${answer.status}`
    throw new ChatError(`Entra gave no token: ${code}`, { permanent: true })
  }
  const { access_token: text, expires_in: seconds } = check(tokenAnswer, await bodyOf(answer))
  return { text, until: asked + Math.max(0, seconds * 1_000 - margin) }
}

/** Repeats what failed for a moment (429, 5xx, no answer), after the server's own delay or growing pauses. */
async function send(
  { sleep, timing = defaultTiming }: GraphOptions,
  url: string,
  init: RequestInit,
): Promise<Response> {
  for (let turn = 1, pause = timing.chatRetryMs; ; turn += 1, pause *= 2) {
    const answer = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(patience) }).catch(
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
    if (typeof answer !== 'string' && answer.status !== 429 && answer.status < 500) return answer
    const wanted = typeof answer === 'string' ? undefined : retryAfter(answer)
    const why = typeof answer === 'string' ? answer : `HTTP ${answer.status}`
    if (turn === tries || (wanted ?? 0) > longestPause) {
      const later = wanted === undefined ? {} : { retryAfter: wanted }
      throw new ChatError(`${new URL(url).host}: ${why}`, later)
    }
    await sleep(wanted ?? pause)
  }
}

/** Milliseconds; a number of seconds is all that Graph sends. */
function retryAfter(answer: Response): number | undefined {
  const text = answer.headers.get('retry-after') ?? ''
  return /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : undefined
}

async function bodyOf(answer: Response): Promise<unknown> {
  return answer.json().catch((cause: unknown) => {
    throw new ChatError('the answer was cut, or is no JSON', { cause })
  })
}

function check<T>(schema: z.ZodType<T>, body: unknown): T {
  const read = schema.safeParse(body)
  if (read.success) return read.data
  throw new ChatError(`the answer has another shape: ${z.prettifyError(read.error)}`)
}
