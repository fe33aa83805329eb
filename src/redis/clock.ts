import type { Redis } from 'ioredis'
import { defaultTiming, type Timing } from '#core/util/default-timings'

/** Longest round trip, in ms, of an answer that is used: slower ones are too inaccurate. */
const maxRoundTripMs = 500

/**
 * Time of Redis, shared by all processes: what waits, expires or is counted mustn't depend on a machine whose clock is
 * wrong.
 */
export type Clock = {
  now: () => Date
  /** Asks Redis for its time; resolves once Redis has answered. */
  ready: () => Promise<void>
  close: () => void
}

/**
 * Returns Redis' time, read every `clockIntervalMs` and extrapolated with the process' monotonic clock, which doesn't
 * jump.
 */
export function redisClock(redis: Redis, { clockIntervalMs }: Pick<Timing, 'clockIntervalMs'> = defaultTiming): Clock {
  let ahead = Date.now() - performance.now()
  let hasAnswered = false
  const synchronize = async () => {
    const sentAt = performance.now()
    const [seconds, micros] = await redis.time()
    const receivedAt = performance.now()
    // Uses the first answer however slow it is: it is still better than this machine's own clock.
    if (hasAnswered && receivedAt - sentAt >= maxRoundTripMs) return
    hasAnswered = true
    ahead = Number(seconds) * 1_000 + Number(micros) / 1_000 - (sentAt + receivedAt) / 2
  }
  const timer = setInterval(() => void synchronize().catch(() => undefined), clockIntervalMs)
  timer.unref()
  return {
    now: () => new Date(performance.now() + ahead),
    ready: synchronize,
    close: () => clearInterval(timer),
  }
}
