import type { Redis } from 'ioredis'

/** All keys of Redis with their serialized values, as Redis' DUMP has them. */
export type Snapshot = ReadonlyMap<string, Buffer>

export async function takeSnapshot(redis: Redis): Promise<Snapshot> {
  const keys = await redis.keys('*')
  const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)))
  return new Map(keys.flatMap((key, at) => (values[at] ? [[key, values[at]] as const] : [])))
}

/** What an attacker does to one key. `put-back`: an earlier value; `swap`: the value of another key of that type. */
export const attacks = ['change', 'delete', 'put-back', 'swap'] as const
export type Attack = (typeof attacks)[number]

/** Picks by a number between 0 and 1. */
const pick = <T>(from: readonly T[], part: number): T | undefined => from[Math.floor(part * from.length)]

/**
 * Attacks one key that exists, chosen by `which` (0 to 1); `where` (0 to 1) chooses the place in it, or the other value.
 * Returns what was done, or undefined where that isn't possible.
 */
export async function attackRedis(
  redis: Redis,
  earlier: readonly Snapshot[],
  { attack, which, where }: { attack: Attack; which: number; where: number },
): Promise<string | undefined> {
  const keys = (await redis.keys('*')).toSorted()
  const past = earlier.flatMap((snapshot) => [...snapshot]).toSorted(([one], [other]) => (one < other ? -1 : 1))
  if (attack === 'put-back') {
    const [key, value] = pick(past, which) ?? []
    if (key === undefined || value === undefined) return undefined
    await redis.restore(key, 0, value, 'REPLACE')
    return `put ${key} back`
  }
  const key = pick(keys, which)
  if (key === undefined) return undefined
  if (attack === 'delete') {
    await redis.del(key)
    return `delete ${key}`
  }
  const type = await redis.type(key)
  if (attack === 'swap') {
    const types = await Promise.all(keys.map((each) => redis.type(each)))
    const other = pick(
      keys.filter((each, at) => each !== key && types[at] === type),
      where,
    )
    const value = other === undefined ? null : await redis.dumpBuffer(other)
    if (value === null) return undefined
    await redis.restore(key, 0, value, 'REPLACE')
    return `put ${other} under ${key}`
  }
  return (await changeValue(redis, key, type, where)) ? `change ${key} at ${where}` : undefined
}

/** Changes one character of a value, or one member of a set. */
async function changeValue(redis: Redis, key: string, type: string, where: number): Promise<boolean> {
  if (type === 'string') {
    const text = (await redis.get(key)) ?? ''
    await redis.set(key, flip(text, where), 'KEEPTTL')
    return text !== ''
  }
  if (type === 'hash') {
    const [field, text] = pick(Object.entries(await redis.hgetall(key)), (where * 7) % 1) ?? []
    if (field === undefined || text === undefined || text === '') return false
    await redis.hset(key, field, flip(text, where))
    return true
  }
  if (type === 'set') {
    const member = pick((await redis.smembers(key)).toSorted(), where)
    if (member === undefined) return false
    await redis.srem(key, member)
    await redis.sadd(key, flip(member, where))
    return true
  }
  if (type === 'zset') {
    const member = pick(await redis.zrange(key, '0', '-1'), where)
    if (member === undefined) return false
    await redis.zadd(key, Math.round(where * 1_000), member)
    return true
  }
  if (type === 'stream') {
    const [id, fields] = pick(await redis.xrange(key, '-', '+'), where) ?? []
    if (id === undefined || fields === undefined) return false
    await redis.xdel(key, id)
    await redis.xadd(key, '*', fields[0] ?? '', flip(fields[1] ?? '', where))
    return true
  }
  return false
}

/** Changes one character: a digit or a letter into another one, so that JSON stays JSON where it can. */
function flip(text: string, where: number): string {
  const at = Math.floor(where * text.length)
  const char = text.charAt(at)
  const other = /\d/.test(char) ? String((Number(char) + 1) % 10) : char === 'a' ? 'b' : 'a'
  return text.slice(0, at) + other + text.slice(at + 1)
}
