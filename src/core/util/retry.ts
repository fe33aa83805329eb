import { delay } from './delay.ts'

/** Attempt that was made: its number, from 1, and the milliseconds since the first one began. */
export type Attempt = { attempt: number; elapsedMs: number }

/** Milliseconds until the next attempt; undefined for none. An attempt that is `uncounted` doesn't advance the number. */
export type NextDelay = number | { uncountedMs: number } | undefined

/** Clock of attempts, in milliseconds; a test gives its own. */
export type RetryClock = { now: () => number; sleep: (delayMs: number) => Promise<void> }

/** Clock of this process. */
export const processClock: RetryClock = { now: () => performance.now(), sleep: delay }

/** Repeats a request until `delayAfter` returns undefined for its answer, and returns that. What it throws ends it. */
export async function poll<T>(
  ask: () => Promise<T>,
  delayAfter: (answer: T, attempt: Attempt) => NextDelay,
  clock: RetryClock = processClock,
): Promise<T> {
  const startedAtMs = clock.now()
  for (let attempt = 1; ; ) {
    const answer = await ask()
    const next = delayAfter(answer, { attempt, elapsedMs: clock.now() - startedAtMs })
    if (next === undefined) return answer
    if (typeof next === 'number') attempt += 1
    await clock.sleep(typeof next === 'number' ? next : next.uncountedMs)
  }
}

/** Retries a request until it succeeds; rejects with its error where `delayAfter` returns undefined for that. */
export async function retry<T>(
  send: () => Promise<T>,
  delayAfter: (error: unknown, attempt: Attempt) => NextDelay,
  clock?: RetryClock,
): Promise<T> {
  const outcome = await poll(
    () => settle(send),
    (each, attempt) => (each.ok ? undefined : delayAfter(each.error, attempt)),
    clock,
  )
  if (outcome.ok) return outcome.value
  throw outcome.error
}

async function settle<T>(send: () => Promise<T>): Promise<{ ok: true; value: T } | { ok: false; error: unknown }> {
  try {
    return { ok: true, value: await send() }
  } catch (error) {
    return { ok: false, error }
  }
}

/** Returns the delay after an attempt, in milliseconds: `firstMs` after the first, then twice the last one, at most `maxMs`. */
export function doublingDelay(firstMs: number, attempt: number, maxMs = Number.POSITIVE_INFINITY): number {
  return Math.min(firstMs * 2 ** (attempt - 1), maxMs)
}
