import type { Redis } from 'ioredis'
import { parseInfo, usedBytesOf } from './info.ts'

/** Memory of Redis in bytes. `limitBytes`: its maxmemory; 0 for none. `policy`: its maxmemory-policy. */
export type RedisMemory = { usedBytes: number; limitBytes: number; policy: string | undefined }

/** Resolves with the memory of Redis; undefined where it doesn't say, as some providers don't offer INFO. */
export async function redisMemory(redis: Redis): Promise<RedisMemory | undefined> {
  const info = parseInfo(await redis.info('memory').catch(() => ''))
  if (!info.has('used_memory')) return undefined
  return {
    usedBytes: usedBytesOf(info),
    limitBytes: Number(info.get('maxmemory') ?? 0),
    policy: info.get('maxmemory_policy'),
  }
}

/**
 * Checks Redis and returns a problem with its settings, or undefined. Throws when Redis doesn't answer or its memory is
 * full.
 */
export async function redisHealth(redis: Redis): Promise<string | undefined> {
  await redis.ping()
  const memory = await redisMemory(redis)
  if (memory === undefined) return undefined
  const { usedBytes, limitBytes, policy } = memory
  if (limitBytes > 0 && usedBytes >= limitBytes && policy === 'noeviction')
    throw new Error(`full (maxmemory ${limitBytes} bytes): commands are refused until it has free memory`)
  if (policy === undefined || policy === 'noeviction') return undefined
  return `maxmemory-policy is ${policy}, which may drop jobs and runs; set noeviction`
}
