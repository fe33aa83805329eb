import type { Redis } from 'ioredis'
import type { Store } from '#core/ports'
import { keepSeconds as keep, type Run } from '#core/run'
import { redisTranscripts } from './transcripts.ts'

/** A person's newest runs that are remembered for `runs`. */
const keptPerPerson = 100

const swapScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
`

/** Runs, and what they wrote, in Redis. A record is JSON text; a change compares with the text that was read. */
export function redisStore(redis: Redis, prefix = 'retina'): Store {
  const runKey = (id: string) => `${prefix}:run:${id}`
  const personKey = (id: string) => `${prefix}:runs-of:${id}`
  const openKey = `${prefix}:open-runs`

  const read = async (id: string) => {
    const text = await redis.get(runKey(id))
    return text === null ? undefined : { text, run: JSON.parse(text) as Run }
  }

  return {
    async claim(key, seconds) {
      return (await redis.set(`${prefix}:claim:${key}`, '1', 'EX', seconds, 'NX')) === 'OK'
    },
    async release(key) {
      await redis.del(`${prefix}:claim:${key}`)
    },
    async count(key, seconds) {
      const name = `${prefix}:count:${key}`
      const [[, count] = [], ..._rest] = (await redis.multi().incr(name).expire(name, seconds, 'NX').exec()) ?? []
      return Number(count)
    },
    ...notes(redis, (key) => `${prefix}:kept:${key}`),
    ...redisTranscripts(redis, prefix),
    async addRun(run) {
      const saved = await redis.set(runKey(run.id), JSON.stringify(run), 'EX', keep, 'NX')
      if (saved !== 'OK') return false
      const person = personKey(run.request.by.id)
      const saving = redis.multi().sadd(openKey, run.id)
      // One fan-out would push everything else off the list.
      if (run.fanOut === undefined) {
        saving
          .zadd(person, Date.parse(run.queuedAt), run.id)
          .zremrangebyrank(person, 0, -keptPerPerson - 1)
          .expire(person, keep)
      }
      await saving.exec()
      return true
    },
    run: async (id) => (await read(id))?.run,
    async changeRun(id, change) {
      for (;;) {
        const current = await read(id)
        if (current === undefined) return undefined
        const next = change(current.run)
        if (next === undefined) return current.run
        if ((await redis.eval(swapScript, 1, runKey(id), current.text, JSON.stringify(next), keep)) === 1) {
          if (next.state === 'ended' && next.toldAt !== undefined) await redis.srem(openKey, id)
          return next
        }
      }
    },
    async runsOf(personId, limit) {
      const ids = await redis.zrevrange(personKey(personId), 0, limit - 1)
      const runs = await Promise.all(ids.map(read))
      return runs.flatMap((each) => (each === undefined ? [] : [each.run]))
    },
    openRuns: () => redis.smembers(openKey),
    async closeRun(id) {
      await redis.srem(openKey, id)
    },
  }
}

/** Texts under keys of the caller's. */
function notes(
  redis: Redis,
  keyOf: (key: string) => string,
): Pick<Store, 'keep' | 'kept' | 'take' | 'note' | 'notes' | 'strike'> {
  return {
    async keep(key, text, seconds) {
      if (seconds === undefined) await redis.set(keyOf(key), text)
      else await redis.set(keyOf(key), text, 'EX', Math.max(1, Math.ceil(seconds)))
    },
    kept: async (key) => (await redis.get(keyOf(key))) ?? undefined,
    async note(key, field, text, seconds) {
      await redis.multi().hset(keyOf(key), field, text).expire(keyOf(key), seconds).exec()
    },
    notes: async (key) => new Map(Object.entries(await redis.hgetall(keyOf(key)))),
    async strike(key, field) {
      await redis.hdel(keyOf(key), field)
    },
    take: async (key) => (await redis.getdel(keyOf(key))) ?? undefined,
  }
}
