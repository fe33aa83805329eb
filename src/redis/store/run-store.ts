import type { Redis } from 'ioredis'
import type { Store } from '#core/ports/store'
import { runRetentionSeconds } from '#core/runs/run'
import type { Secrets } from '#src/redis/derived-key'
import { earlierSigner, signerFor } from '#src/redis/hmac-signer'
import { redisScript } from '#src/redis/script'
import { redisLocks } from './locks.ts'
import { createRunRecords } from './signed-runs.ts'
import { type ReportBroken, redisSignedValues } from './signed-values.ts'
import { redisTranscriptStore } from './transcript-store.ts'

/** Maximum number of a person's newest runs that the command `runs` can list. */
const maxRunsPerPerson = 100

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

  const countUp = redisScript(redis, 'count', 1)
  const insertRun = redisScript(redis, 'add-run', 3)
  const records = createRunRecords(redis, { signer: signerFor(secret, 'runs'), secret, runKey, report })

  return {
    acquireLock: redisLocks(redis, prefix),
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
