import type { Redis } from 'ioredis'
import type { Store } from '#core/ports/store'
import { type Run, runRetentionSeconds } from '#core/runs/run'
import { redisScript } from '#src/redis/script'
import { redisTranscriptStore } from './transcript-store.ts'

/** Maximum number of a person's newest runs that the command `runs` can list. */
const maxRunsPerPerson = 100

// Scripts instead of transactions: ioredis builds each transaction with every script that the connection knows,
// BullMQ's too.

const countScript = `
local count = redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[1], 'NX')
return count
`

/**
 * Adds a run. KEYS: run, open runs, runs of the person. ARGV: JSON, seconds, id and, for the person's list, time (ms
 * since 1970) and maximum length; without these two the run isn't listed there. Returns 0 where the run exists already,
 * else 1.
 */
const addRunScript = `
if not redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2], 'NX') then return 0 end
redis.call('SADD', KEYS[2], ARGV[3])
if ARGV[4] then
  redis.call('ZADD', KEYS[3], ARGV[4], ARGV[3])
  redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -ARGV[5] - 1)
  redis.call('EXPIRE', KEYS[3], ARGV[2])
end
return 1
`

const setFieldScript = `
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
`

/**
 * Replaces a text that is still the expected one. KEYS: text. ARGV: expected text, new text, seconds. Returns 1, or the
 * current text where it differs (null where there is none).
 */
const swapScript = `
local now = redis.call('GET', KEYS[1])
if now ~= ARGV[1] then return now end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
`

/** Maximum number of runs whose text, as last read, is cached, so that a change needn't read it first. */
const maxCachedRuns = 200

type CachedRun = { text: string; run: Run }

/**
 * Stores runs and their output in Redis. A record is JSON text; a change is saved only if the stored text is the one
 * that was read.
 */
export function redisRunStore(redis: Redis, prefix = 'retina'): Store {
  const runKey = (id: string) => `${prefix}:run:${id}`
  const personKey = (id: string) => `${prefix}:runs-of:${id}`
  const openKey = `${prefix}:open-runs`

  const countUp = redisScript(redis, 'retinaCount', 1, countScript)
  const insertRun = redisScript(redis, 'retinaAddRun', 3, addRunScript)
  const { read, change } = openRunRecords(redis, runKey)

  return {
    async acquireLock(key, seconds) {
      return (await redis.set(`${prefix}:claim:${key}`, '1', 'PX', Math.ceil(seconds * 1_000), 'NX')) === 'OK'
    },
    async releaseLock(key) {
      await redis.del(`${prefix}:claim:${key}`)
    },
    count: async (key, seconds) => Number(await countUp(`${prefix}:count:${key}`, seconds)),
    ...createTextStore(redis, (key) => `${prefix}:kept:${key}`),
    ...redisTranscriptStore(redis, prefix),
    async addRun(run) {
      const { id, request, queuedAt } = run
      const keys = [runKey(id), openKey, personKey(request.by.id)]
      // The runs of one fan-out would displace everything else from the list.
      const listArgs = run.fanOut === undefined ? [Date.parse(queuedAt), maxRunsPerPerson] : []
      return (await insertRun(...keys, JSON.stringify(run), runRetentionSeconds, id, ...listArgs)) === 1
    },
    run: async (id) => (await read(id))?.run,
    async changeRun(id, update) {
      const saved = await change(id, update)
      if (saved?.state === 'ended' && saved.toldAt !== undefined) await redis.srem(openKey, id)
      return saved
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

/**
 * Reads and changes runs. A change starts from the cached text; the run is read again only if another process has
 * changed it, or before a change is declined.
 */
function openRunRecords(redis: Redis, runKey: (id: string) => string) {
  const swap = redisScript(redis, 'retinaSwap', 1, swapScript)
  const cache = new Map<string, CachedRun>()

  const cacheRun = (id: string, text: string, run = JSON.parse(text) as Run): CachedRun => {
    const entry = { text, run }
    cache.delete(id)
    cache.set(id, entry)
    const [oldest] = cache.keys()
    if (cache.size > maxCachedRuns && oldest !== undefined) cache.delete(oldest)
    return entry
  }
  const read = async (id: string) => {
    const text = await redis.get(runKey(id))
    return text === null ? undefined : cacheRun(id, text)
  }

  return {
    read,
    async change(id: string, update: (run: Run) => Run | undefined): Promise<Run | undefined> {
      const cached = cache.get(id)
      let current = cached ?? (await read(id))
      for (let isCurrent = cached === undefined; current !== undefined; isCurrent = true) {
        const next = update(current.run)
        if (next === undefined && isCurrent) return current.run
        if (next === undefined) {
          current = await read(id)
          continue
        }
        const text = JSON.stringify(next)
        const result = await swap(runKey(id), current.text, text, runRetentionSeconds)
        if (result === null) return undefined
        current = typeof result === 'string' ? cacheRun(id, result) : cacheRun(id, text, next)
        if (typeof result === 'string') continue
        if (next.state === 'ended') cache.delete(id)
        return next
      }
      return undefined
    },
  }
}

/** Stores texts under keys that the caller chooses. */
function createTextStore(
  redis: Redis,
  keyOf: (key: string) => string,
): Pick<Store, 'set' | 'get' | 'getAndDelete' | 'setField' | 'fields' | 'deleteField'> {
  const saveField = redisScript(redis, 'retinaNote', 1, setFieldScript)
  return {
    async set(key, text, seconds) {
      if (seconds === undefined) await redis.set(keyOf(key), text)
      else await redis.set(keyOf(key), text, 'EX', Math.max(1, Math.ceil(seconds)))
    },
    get: async (key) => (await redis.get(keyOf(key))) ?? undefined,
    async setField(key, field, text, seconds) {
      await saveField(keyOf(key), field, text, seconds)
    },
    fields: async (key) => new Map(Object.entries(await redis.hgetall(keyOf(key)))),
    async deleteField(key, field) {
      await redis.hdel(keyOf(key), field)
    },
    getAndDelete: async (key) => (await redis.getdel(keyOf(key))) ?? undefined,
  }
}
