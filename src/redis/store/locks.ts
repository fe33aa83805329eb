import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Store } from '#core/ports/store'
import { redisScript } from '#src/redis/script'

/** Returns the function that acquires locks. Each is a key that holds a random token of its holder, and expires. */
export function redisLocks(redis: Redis, prefix: string): Store['acquireLock'] {
  const acquire = redisScript(redis, 'acquire-lock', 1)
  const extend = redisScript(redis, 'extend-lock', 1)
  const release = redisScript(redis, 'release-lock', 1)
  return async (name, seconds) => {
    const key = `${prefix}:claim:${name}`
    const token = randomUUID()
    if ((await acquire(key, token, toMs(seconds))) !== 1) return undefined
    return {
      extend: async (more) => (await extend(key, token, toMs(more))) === 1,
      release: async () => void (await release(key, token)),
    }
  }
}

function toMs(seconds: number): number {
  return Math.ceil(seconds * 1_000)
}
