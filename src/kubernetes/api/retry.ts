import { apiProblem, ImpersonationRefused } from './api-error.ts'

/** Milliseconds for which a request of a person, and of a run in progress, is retried while the API server can't be reached. */
const question = 3_000
export const retryTimeoutMs = 20_000

const firstPause = 100

/**
 * Asks again where the API server could not be reached: it may be starting again, and a connection that was cut says nothing of the
 * next one. Only for what may be asked twice: reading, rehearsing, and making something whose name makes it one.
 */
export async function retryRequest<T>(ask: () => Promise<T>, patience = question): Promise<T> {
  for (let [pause, waited] = [firstPause, 0]; waited < patience; waited += pause, pause *= 2) {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof ImpersonationRefused || apiProblem(error) !== undefined) throw error
    }
    const now = pause
    await new Promise((resolve) => setTimeout(resolve, now))
  }
  return ask()
}
