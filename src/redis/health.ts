import type { Redis } from 'ioredis'

/**
 * Checks Redis and returns a problem with its settings, or undefined. Throws when Redis doesn't answer or its memory is
 * full.
 */
export async function redisHealth(redis: Redis): Promise<string | undefined> {
  await redis.ping()
  // Some Redis providers don't offer INFO.
  const text = await redis.info('memory').catch(() => '')
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(text)?.[1]
  const usedBytes = Number(field('used_memory')) - Number(field('mem_not_counted_for_evict') ?? 0)
  const maxBytes = Number(field('maxmemory'))
  const policy = field('maxmemory_policy')
  if (maxBytes > 0 && usedBytes >= maxBytes && policy === 'noeviction')
    throw new Error(`full (maxmemory ${maxBytes} bytes): commands are refused until it has free memory`)
  if (policy === undefined || policy === 'noeviction') return undefined
  return `maxmemory-policy is ${policy}, which may drop jobs and runs; set noeviction`
}
