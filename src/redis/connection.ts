import { Redis } from 'ioredis'
import type { Log } from '#core/ports/log'
import { defaultTiming, type Timing } from '#core/util/default-timings'
import { sentinelsOf } from './parse-sentinel-url.ts'

/**
 * Opens a connection that survives outages of Redis: meanwhile commands wait instead of failing, and one log entry is
 * written when Redis becomes unreachable and one when it is back. `url`: of one Redis, or of Sentinels (see
 * `sentinelsOf`).
 */
export function connectRedis(
  url: string,
  log: Log,
  { redisRetryMs }: Pick<Timing, 'redisRetryMs'> = defaultTiming,
): Redis {
  const options = {
    // BullMQ requires null; for other commands it means that they wait for Redis without a limit.
    maxRetriesPerRequest: null,
    enableReadyCheck: true,
    retryStrategy: (times: number) => Math.min(times * 100, redisRetryMs),
    // A primary that has become a replica refuses writes: reconnects to the new primary and sends it the same command
    // (2).
    reconnectOnError: (error: Error) => (error.message.startsWith('READONLY') ? 2 : false),
  }
  const sentinels = sentinelsOf(url)
  const redis = sentinels === undefined ? new Redis(url, options) : new Redis({ ...options, ...sentinels })
  redis.on('connect', () => batchWrites(redis.stream))
  let isUnreachable = false
  redis.on('error', (error: Error) => {
    if (!isUnreachable) log.warn({ error: error.message }, 'Redis is unreachable; waiting for it')
    isUnreachable = true
  })
  redis.on('ready', () => {
    if (isUnreachable) log.info({}, 'Redis is back')
    isUnreachable = false
  })
  return redis
}

/**
 * Combines all writes of one turn of the event loop into one, instead of one system call for each. ioredis' own
 * `enableAutoPipelining` does more: it fails commands that were in flight when Redis became unreachable, and BullMQ
 * loses jobs with it (taskforcesh/bullmq#457, OptimalBits/bull#2276).
 */
function batchWrites(stream: Redis['stream']): void {
  const write = stream.write
  let corked = false
  const uncork = () => {
    corked = false
    stream.uncork()
  }
  stream.write = ((...args: Parameters<typeof write>) => {
    if (!corked) {
      corked = true
      stream.cork()
      process.nextTick(uncork)
    }
    return write.apply(stream, args)
  }) as typeof write
}
