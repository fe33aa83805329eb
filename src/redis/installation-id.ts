import { randomBytes } from 'node:crypto'
import type { Redis } from 'ioredis'

/**
 * What tells this installation from others that work in the same cluster: a name made once, and the same for all processes on this
 * Redis. Asked for once; 16 characters of 0–9 and a–f, fit for a label.
 */
export function redisInstallationId(redis: Redis, prefix = 'retina'): () => Promise<string> {
  const key = `${prefix}:installation`
  let known: Promise<string> | undefined
  const ask = async () => {
    const fresh = randomBytes(8).toString('hex')
    await redis.set(key, fresh, 'NX')
    return (await redis.get(key)) ?? fresh
  }
  return () => {
    known ??= ask().catch((error: unknown) => {
      known = undefined
      throw error
    })
    return known
  }
}
