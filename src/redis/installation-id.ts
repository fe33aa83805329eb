import { randomBytes } from 'node:crypto'
import type { Redis } from 'ioredis'

/**
 * Returns a getter of the installation's id, which distinguishes it from other installations in the same cluster: 16
 * characters of 0–9 and a–f, valid as a label value. The id is created once, is the same for all processes on this
 * Redis, and is read once per process.
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
