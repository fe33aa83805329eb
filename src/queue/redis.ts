import { Redis } from 'ioredis'
import type { Log } from '#core/ports'

/**
 * A connection that outlives Redis: while Redis is away, commands wait for it (they never fail with it), and the log
 * says so once when it goes and once when it is back.
 */
export function connectRedis(url: string, log: Log): Redis {
  const redis = new Redis(url, {
    // BullMQ wants null here; for us it means: wait for Redis, however long.
    maxRetriesPerRequest: null,
    enableReadyCheck: true,
    retryStrategy: (times) => Math.min(times * 100, 2_000),
  })
  let away = false
  redis.on('error', (error: Error) => {
    if (!away) log.warn({ error: error.message }, 'Redis is away: waiting for it')
    away = true
  })
  redis.on('ready', () => {
    if (away) log.info({}, 'Redis is back')
    away = false
  })
  return redis
}
