import type { Redis } from 'ioredis'
import { whyUnusable } from './check-server-role-and-rights.ts'
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
 * Checks Redis by doing what the work does, and returns a problem with its settings, or undefined. Throws when Redis
 * doesn't answer, its memory is full, or it can't be used: a Cluster, a replica, or a user with too few rights.
 */
export async function redisHealth(redis: Redis): Promise<string | undefined> {
  const memory = await redisMemory(redis)
  const { usedBytes = 0, limitBytes = 0, policy } = memory ?? {}
  if (limitBytes > 0 && usedBytes >= limitBytes && policy === 'noeviction')
    throw new Error(`full (maxmemory ${limitBytes} bytes): commands are refused until it has free memory`)
  const unusable = await whyUnusable(redis)
  if (unusable !== undefined) throw new Error(unusable)
  if (memory === undefined) return undefined
  if (policy === undefined || policy === 'noeviction') return undefined
  return `maxmemory-policy is ${policy}, which may drop jobs and runs; set noeviction`
}
