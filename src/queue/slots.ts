import type { Redis } from 'ioredis'

/** Places for runs on one node, counted over all workers. */
export type Slots = {
  /** Takes one of `limit` places for the run; undefined when all are taken. The same run taking again keeps its place. */
  take: (place: string, runId: string, limit: number) => Promise<{ release: () => Promise<void> } | undefined>
}

/** Milliseconds until the place of a worker that died is free again. */
const lease = 30_000

// One script, so that two workers can't both take the last place. Scores are the times at which places fall free.
const takeScript = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
if redis.call('ZSCORE', KEYS[1], ARGV[2]) == false and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
`

/** Slots as sorted sets in Redis; each is renewed while it is held. */
export function redisSlots(redis: Redis, prefix = 'retina'): Slots {
  return {
    async take(place, runId, limit) {
      const key = `${prefix}:slots:${place}`
      const renew = () => {
        const now = Date.now()
        return redis.eval(takeScript, 1, key, now, runId, now + lease, limit, lease * 2)
      }
      if ((await renew()) !== 1) return undefined
      const timer = setInterval(() => void renew().catch(() => undefined), lease / 3)
      timer.unref()
      return {
        async release() {
          clearInterval(timer)
          await redis.zrem(key, runId)
        },
      }
    },
  }
}
