import { randomBytes } from 'node:crypto'
import type { Redis } from 'ioredis'

/**
 * What tells this installation from others that work in the same cluster: a name made once, and the same for all processes on this
 * Redis. Asked for once; 16 characters of 0–9 and a–f, fit for a label.
 */
export function redisInstallationId(redis: Redis, prefix = 'retina'): () => Promise<string> {
  const key = `${prefix}:installation`
  let cached: Promise<string> | undefined
  const load = async () => {
    const newId = randomBytes(8).toString('hex')
    await redis.set(key, newId, 'NX')
    return (await redis.get(key)) ?? newId
  }
  return () => {
    cached ??= load().catch((error: unknown) => {
      cached = undefined
      throw error
    })
    return cached
  }
}
