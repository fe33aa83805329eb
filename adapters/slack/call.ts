import {
  type Logger,
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
} from '@slack/web-api'
import { ChatError } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { defaultTiming, type Timing } from '#core/util/default-timings'

/** What of the program's times concerns Slack. */
export type SlackTiming = Pick<Timing, 'personCacheMs' | 'chatRetryMs' | 'chatTimeoutMs' | 'editIntervalMs'>

/** What Slack answers when trying again can't help. */
const permanent = new Set([
  'account_inactive',
  'cant_update_message',
  'channel_not_found',
  'edit_window_closed',
  'invalid_auth',
  'invalid_blocks',
  'is_archived',
  'message_not_found',
  'missing_scope',
  'msg_too_long',
  'not_authed',
  'not_in_channel',
  'restricted_action',
  'token_expired',
  'token_revoked',
  'user_not_found',
  'user_not_visible',
])

/** Slack's Web API without retries of its own: who calls decides what is worth repeating. */
export function webClient(
  token: string,
  apiUrl: string | undefined,
  log: Log,
  { chatTimeoutMs }: Pick<Timing, 'chatTimeoutMs'> = defaultTiming,
): WebClient {
  return new WebClient(token, {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: chatTimeoutMs,
    logger: slackLogger(log),
  })
}

/** Slack's packages log through ours; what they say at "debug" may hold tokens and texts, so it goes nowhere. */
export function slackLogger(log: Log): Logger {
  const text = (parts: unknown[]) => parts.map(String).join(' ').slice(0, 500)
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...parts) => log.warn({ from: 'slack' }, text(parts)),
    // A failure is thrown too, and logged with its run by the caller.
    error: (...parts) => log.warn({ from: 'slack' }, text(parts)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  }
}

/** Calls Slack; every failure becomes a `ChatError` that says whether and when to try again. */
export async function call<T>(what: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    throw toChatError(what, error)
  }
}

function toChatError(what: string, error: unknown): Error {
  if (error instanceof WebAPIRateLimitedError) {
    return new ChatError(`${what}: Slack wants us to slow down`, {
      retryAfterMs: error.retryAfter * 1_000,
      cause: error,
    })
  }
  if (error instanceof WebAPIPlatformError) {
    const code = error.data.error
    return new ChatError(`${what}: ${code}`, { permanent: permanent.has(code), cause: error })
  }
  if (error instanceof WebAPIHTTPError) return new ChatError(`${what}: HTTP ${error.statusCode}`, { cause: error })
  if (error instanceof WebAPIRequestError) return new ChatError(`${what}: ${error.message}`, { cause: error })
  return new ChatError(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
}

/** Tries of one call. */
const tries = 6

/** Milliseconds for which Slack may ask us to slow down before one call is given up, where nobody says otherwise. */
const patient = 15_000

/**
 * Repeats what failed for a while: after Slack's own delay, which is no failure and costs no try, else after growing pauses.
 * Rejects with the last `ChatError`.
 */
export async function retryCall<T>(
  what: string,
  request: () => Promise<T>,
  { chatRetryMs, slowest = patient }: Pick<Timing, 'chatRetryMs'> & { slowest?: number },
): Promise<T> {
  const begun = performance.now()
  for (let turn = 1, pause = chatRetryMs; ; ) {
    try {
      return await call(what, request)
    } catch (error) {
      if (!(error instanceof ChatError) || error.permanent) throw error
      const { retryAfterMs } = error
      if (turn === tries || performance.now() + (retryAfterMs ?? 0) - begun > slowest) throw error
      await new Promise((resolve) => setTimeout(resolve, retryAfterMs ?? pause))
      if (retryAfterMs === undefined) {
        turn += 1
        pause *= 2
      }
    }
  }
}
