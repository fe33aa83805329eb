import type { Redis } from 'ioredis'
import type { Store } from '#core/ports/store'
import { keepSeconds as keep, type Run } from '#core/runs/run'
import { redisScript } from '#src/redis/script'
import { redisTranscriptStore } from './transcript-store.ts'

/** A person's newest runs that are remembered for `runs`. */
const keptPerPerson = 100

// Scripts, where a transaction would do: ioredis makes each transaction anew, with every script that the connection knows, BullMQ's too.

const countScript = `
local count = redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[1], 'NX')
return count
`

/** Answers 0 for one that is there. With a time and a length it is put on the person's own list. */
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

const noteScript = `
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
`

/** Answers 1, or what stands there instead, if it isn't what it was taken for. */
const swapScript = `
local now = redis.call('GET', KEYS[1])
if now ~= ARGV[1] then return now end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
`

/** Runs whose text is remembered as it was read last, so that a change needn't read it first. */
const keptTexts = 200

type Known = { text: string; run: Run }

/** Runs, and what they wrote, in Redis. A record is JSON text; a change compares with the text that was read. */
export function redisRunStore(redis: Redis, prefix = 'retina'): Store {
  const runKey = (id: string) => `${prefix}:run:${id}`
  const personKey = (id: string) => `${prefix}:runs-of:${id}`
  const openKey = `${prefix}:open-runs`

  const countUp = redisScript(redis, 'retinaCount', 1, countScript)
  const save = redisScript(redis, 'retinaAddRun', 3, addRunScript)
  const { read, change } = runTexts(redis, runKey)

  return {
    async acquireLock(key, seconds) {
      return (await redis.set(`${prefix}:claim:${key}`, '1', 'PX', Math.ceil(seconds * 1_000), 'NX')) === 'OK'
    },
    async releaseLock(key) {
      await redis.del(`${prefix}:claim:${key}`)
    },
    count: async (key, seconds) => Number(await countUp(`${prefix}:count:${key}`, seconds)),
    ...notes(redis, (key) => `${prefix}:kept:${key}`),
    ...redisTranscriptStore(redis, prefix),
    async addRun(run) {
      const { id, request, queuedAt } = run
      const names = [runKey(id), openKey, personKey(request.by.id)]
      // One fan-out would push everything else off the list.
      const listed = run.fanOut === undefined ? [Date.parse(queuedAt), keptPerPerson] : []
      return (await save(...names, JSON.stringify(run), keep, id, ...listed)) === 1
    },
    run: async (id) => (await read(id))?.run,
    async changeRun(id, how) {
      const now = await change(id, how)
      if (now?.state === 'ended' && now.toldAt !== undefined) await redis.srem(openKey, id)
      return now
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

/** Reading and changing runs. Who changes one that was read a moment ago needs no second look, as long as nobody else has changed it. */
function runTexts(redis: Redis, runKey: (id: string) => string) {
  const swap = redisScript(redis, 'retinaSwap', 1, swapScript)
  const known = new Map<string, Known>()

  const know = (id: string, text: string, run = JSON.parse(text) as Run): Known => {
    const now = { text, run }
    known.delete(id)
    known.set(id, now)
    const [oldest] = known.keys()
    if (known.size > keptTexts && oldest !== undefined) known.delete(oldest)
    return now
  }
  const read = async (id: string) => {
    const text = await redis.get(runKey(id))
    return text === null ? undefined : know(id, text)
  }

  return {
    read,
    async change(id: string, how: (run: Run) => Run | undefined): Promise<Run | undefined> {
      const remembered = known.get(id)
      let current = remembered ?? (await read(id))
      for (let fresh = remembered === undefined; current !== undefined; fresh = true) {
        const next = how(current.run)
        if (next === undefined && fresh) return current.run
        if (next === undefined) {
          current = await read(id)
          continue
        }
        const text = JSON.stringify(next)
        const now = await swap(runKey(id), current.text, text, keep)
        if (now === null) return undefined
        current = typeof now === 'string' ? know(id, now) : know(id, text, next)
        if (typeof now === 'string') continue
        if (next.state === 'ended') known.delete(id)
        return next
      }
      return undefined
    },
  }
}

/** Texts under keys of the caller's. */
function notes(
  redis: Redis,
  keyOf: (key: string) => string,
): Pick<Store, 'set' | 'get' | 'getAndDelete' | 'setField' | 'fields' | 'deleteField'> {
  const note = redisScript(redis, 'retinaNote', 1, noteScript)
  return {
    async set(key, text, seconds) {
      if (seconds === undefined) await redis.set(keyOf(key), text)
      else await redis.set(keyOf(key), text, 'EX', Math.max(1, Math.ceil(seconds)))
    },
    get: async (key) => (await redis.get(keyOf(key))) ?? undefined,
    async setField(key, field, text, seconds) {
      await note(keyOf(key), field, text, seconds)
    },
    fields: async (key) => new Map(Object.entries(await redis.hgetall(keyOf(key)))),
    async deleteField(key, field) {
      await redis.hdel(keyOf(key), field)
    },
    getAndDelete: async (key) => (await redis.getdel(keyOf(key))) ?? undefined,
  }
}
