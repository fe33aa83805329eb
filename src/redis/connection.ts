import { Redis } from 'ioredis'
import type { Log } from '#core/ports/log'
import { defaultTiming, type Timing } from '#core/util/timing'
import { sentinelsOf } from './sentinel.ts'

/**
 * A connection that outlives Redis: while Redis is away, commands wait for it (they never fail with it), and the log
 * says so once when it goes and once when it is back. `url`: of one Redis, or of Sentinels (see `sentinelsOf`).
 */
export function connectRedis(
  url: string,
  log: Log,
  { redisRetryMs }: Pick<Timing, 'redisRetryMs'> = defaultTiming,
): Redis {
  const options = {
    // BullMQ wants null here; for us it means: wait for Redis, however long.
    maxRetriesPerRequest: null,
    enableReadyCheck: true,
    retryStrategy: (times: number) => Math.min(times * 100, redisRetryMs),
    // A primary that has become a replica refuses writes: the new one is asked for, and gets the same command.
    reconnectOnError: (error: Error) => (error.message.startsWith('READONLY') ? 2 : false),
  }
  const sentinels = sentinelsOf(url)
  const redis = sentinels === undefined ? new Redis(url, options) : new Redis({ ...options, ...sentinels })
  redis.on('connect', () => batchWrites(redis.stream))
  let isUnreachable = false
  redis.on('error', (error: Error) => {
    if (!isUnreachable) log.warn({ error: error.message }, 'Redis is away: waiting for it')
    isUnreachable = true
  })
  redis.on('ready', () => {
    if (isUnreachable) log.info({}, 'Redis is back')
    isUnreachable = false
  })
  return redis
}

/**
 * What is asked of Redis in one turn of the event loop leaves in one write, where each would be a system call of its own. ioredis'
 * own way (`enableAutoPipelining`) does more: it fails commands that were under way when Redis went, and BullMQ loses jobs under it
 * (taskforcesh/bullmq#457, OptimalBits/bull#2276).
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
