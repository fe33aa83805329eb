import type { Redis } from 'ioredis'
import type { Store } from '#core/ports/store'
import { runRetentionSeconds } from '#core/runs/run'
import type { Secrets } from '#src/redis/derived-key'
import { earlierSigner, signerFor } from '#src/redis/hmac-signer'
import { redisScript } from '#src/redis/script'
import { createRunRecords } from './signed-runs.ts'
import { type ReportBroken, redisSignedValues } from './signed-values.ts'
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
 * Adds a run. KEYS: run, open runs, runs of the person. ARGV: text, seconds, id and, for the person's list, time (ms
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

export type RunStoreOptions = {
  /** Secret of the installation; without it nothing is signed or verified. */
  secret: Secrets
  prefix?: string
  /** Returns ms since 1970, by the clock that all processes share. */
  now: () => number
  report?: ReportBroken
}

/** Stores runs, their output and other values in Redis, signed with keys that Redis doesn't hold. */
export function redisRunStore(redis: Redis, options: RunStoreOptions): Store {
  const { secret, prefix = 'retina', now, report = () => undefined } = options
  const runKey = (id: string) => `${prefix}:run:${id}`
  const personKey = (id: string) => `${prefix}:runs-of:${id}`
  const openKey = `${prefix}:open-runs`

  const countUp = redisScript(redis, 'retinaCount', 1, countScript)
  const insertRun = redisScript(redis, 'retinaAddRun', 3, addRunScript)
  const records = createRunRecords(redis, { signer: signerFor(secret, 'runs'), secret, runKey, report })

  return {
    async acquireLock(key, seconds) {
      return (await redis.set(`${prefix}:claim:${key}`, '1', 'PX', Math.ceil(seconds * 1_000), 'NX')) === 'OK'
    },
    async releaseLock(key) {
      await redis.del(`${prefix}:claim:${key}`)
    },
    count: async (key, seconds) => Number(await countUp(`${prefix}:count:${key}`, seconds)),
    ...redisSignedValues(redis, {
      signer: signerFor(secret, 'values'),
      earlier: earlierSigner(secret),
      prefix,
      now,
      report,
    }),
    ...redisTranscriptStore(redis, { signer: signerFor(secret, 'transcripts'), prefix, report }),
    async addRun(run) {
      const { id, request, queuedAt } = run
      const keys = [runKey(id), openKey, personKey(request.by.id)]
      // The runs of one fan-out would displace everything else from the list.
      const listArgs = run.fanOut === undefined ? [Date.parse(queuedAt), maxRunsPerPerson] : []
      return (await insertRun(...keys, records.sign(run), runRetentionSeconds, id, ...listArgs)) === 1
    },
    run: records.read,
    replaceRun: records.replace,
    async changeRun(id, update) {
      const saved = await records.change(id, update)
      if (saved !== 'broken' && saved?.state === 'ended' && saved.toldAt !== undefined) await redis.srem(openKey, id)
      return saved
    },
    async runsOf(personId, limit) {
      const ids = await redis.zrevrange(personKey(personId), 0, limit - 1)
      const runs = await Promise.all(ids.map(records.read))
      // The list of ids isn't signed: another person's run in it is left out.
      return runs.flatMap((run) =>
        run === undefined || run === 'broken' || run.request.by.id !== personId ? [] : [run],
      )
    },
    openRuns: () => redis.smembers(openKey),
    async closeRun(id) {
      await redis.srem(openKey, id)
    },
  }
}
