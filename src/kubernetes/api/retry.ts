import { doublingDelay, retry } from '#core/util/retry'
import { apiProblem, ImpersonationRefused } from './api-error.ts'

/** Milliseconds for which a person's request is retried while the API server can't be reached. */
const defaultTimeoutMs = 3_000

/** Milliseconds for which a request of a run in progress is retried while the API server can't be reached. */
export const retryTimeoutMs = 20_000

const firstDelayMs = 100

/**
 * Retries a request while the API server can't be reached: it may be restarting, and a new connection may work where
 * the last one was cut. Only for requests that can be repeated: reads, dry runs, and creating an object whose name
 * makes it unique. Rejects at once with the API server's errors and `ImpersonationRefused`, and after `timeoutMs` with
 * the last error.
 */
export function retryRequest<T>(send: () => Promise<T>, timeoutMs = defaultTimeoutMs): Promise<T> {
  return retry(send, (error, { attempt }) => {
    if (error instanceof ImpersonationRefused || apiProblem(error) !== undefined) return undefined
    const delayMs = doublingDelay(firstDelayMs, attempt)
    // All delays before this one have taken that much less the first.
    return delayMs - firstDelayMs < timeoutMs ? delayMs : undefined
  })
}
