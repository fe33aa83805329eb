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
import { defined } from '#core/util/defined'
import { errorMessage } from '#core/util/error-message'
import { networkFailure } from '#core/util/network-failure'
import { doublingDelay, retry } from '#core/util/retry'
import { judgeError } from './errors.ts'

/** Times that the Slack adapter uses, in ms. */
export type SlackTiming = Pick<Timing, 'personCacheMs' | 'chatRetryMs' | 'chatTimeoutMs' | 'editIntervalMs'>

/** Creates a client of Slack's Web API without its built-in retries: callers decide what to retry. */
export function webClient(
  token: string,
  apiUrl: string | undefined,
  log: Log,
  { chatTimeoutMs }: Pick<Timing, 'chatTimeoutMs'> = defaultTiming,
): WebClient {
  return new WebClient(token, {
    ...defined({ slackApiUrl: apiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: chatTimeoutMs,
    logger: slackLogger(log),
  })
}

/**
 * Creates a logger for Slack's packages that writes to the program's log. Drops `debug` and `info`: debug records may
 * contain tokens and texts (T39).
 */
export function slackLogger(log: Log): Logger {
  const text = (parts: unknown[]) => parts.map(String).join(' ').slice(0, 500)
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...parts) => log.warn({ from: 'slack' }, text(parts)),
    // A warning only: the failure is also thrown, and the caller logs it with its run.
    error: (...parts) => log.warn({ from: 'slack' }, text(parts)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  }
}

/** Makes one request; turns every failure into a `ChatError` with whether and when a retry makes sense. */
export async function call<T>(method: string, request: () => Promise<T>, channel?: string): Promise<T> {
  try {
    return await request()
  } catch (error) {
    throw toChatError(method, error, channel)
  }
}

/** Returns true for a failure of Slack's with this code. */
export function isOf(error: unknown, code: string): boolean {
  return error instanceof ChatError && error.cause instanceof WebAPIPlatformError && error.cause.data.error === code
}

function toChatError(method: string, error: unknown, channel: string | undefined): Error {
  if (error instanceof WebAPIRateLimitedError) {
    return new ChatError(`${method}: Slack's rate limit is reached`, {
      retryAfterMs: error.retryAfter * 1_000,
      cause: error,
    })
  }
  if (error instanceof WebAPIPlatformError) {
    const code = error.data.error
    return new ChatError(`${method}: ${code}`, { ...judgeError(method, code, channel), cause: error })
  }
  if (error instanceof WebAPIHTTPError) return new ChatError(`${method}: HTTP ${error.statusCode}`, { cause: error })
  if (error instanceof WebAPIRequestError)
    return new ChatError(`${method}: ${networkFailure(error) ?? error.message}`, { cause: error })
  return new ChatError(`${method}: ${errorMessage(error)}`, { cause: error })
}

/** Largest number of attempts of one request, not counting rate-limited ones. */
const maxAttempts = 6

/** Default number of milliseconds, including Slack's own delays, after which a request isn't retried any more. */
const defaultMaxWaitMs = 15_000

/**
 * Retries a request: after Slack's `Retry-After`, which isn't counted as an attempt, else after a delay that doubles
 * each time. Stops once `maxWaitMs` have passed or would pass during the delay. Rejects with the last `ChatError`.
 */
export function retryCall<T>(
  method: string,
  request: () => Promise<T>,
  options: Pick<Timing, 'chatRetryMs'> & { maxWaitMs?: number; channel?: string },
): Promise<T> {
  const { chatRetryMs, maxWaitMs = defaultMaxWaitMs, channel } = options
  return retry(
    () => call(method, request, channel),
    (error, { attempt, elapsedMs }) => {
      if (!(error instanceof ChatError) || error.permanent) return undefined
      const { retryAfterMs } = error
      if (attempt === maxAttempts || elapsedMs + (retryAfterMs ?? 0) > maxWaitMs) return undefined
      return retryAfterMs === undefined ? doublingDelay(chatRetryMs, attempt) : { uncountedMs: retryAfterMs }
    },
  )
}
