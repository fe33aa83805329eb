import type { Redis } from 'ioredis'
import { defaultTiming, type Timing } from '#core/util/timing'

/** Milliseconds that an answer may have taken: one that took longer says too little. */
const maxRoundTripMs = 500

/** The time of Redis, which all processes share: what waits, expires or is counted mustn't depend on whose clock is wrong. */
export type Clock = {
  now: () => Date
  /** Resolves when Redis has said what time it is. */
  ready: () => Promise<void>
  close: () => void
}

/** Goes by the process' own monotonic clock in between, which doesn't jump. */
export function redisClock(redis: Redis, { clockIntervalMs }: Pick<Timing, 'clockIntervalMs'> = defaultTiming): Clock {
  let ahead = Date.now() - performance.now()
  let hasAnswered = false
  const synchronize = async () => {
    const sentAt = performance.now()
    const [seconds, micros] = await redis.time()
    const receivedAt = performance.now()
    // The first answer counts however slow it is: it is still better than this machine's own clock.
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
