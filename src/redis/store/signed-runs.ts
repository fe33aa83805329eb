import type { Redis } from 'ioredis'
import type { Signer } from '#core/ports/signing'
import type { Broken } from '#core/ports/store'
import { type Run, runRetentionSeconds } from '#core/runs/run'
import { createCache } from '#core/util/cache'
import { parseJson } from '#core/util/json'
import type { Secrets } from '#src/redis/derived-key'
import { redisScript } from '#src/redis/script'
import { hasEarlierSignature } from './signature-of-version-0-1.ts'
import type { ReportBroken } from './signed-values.ts'

/** Maximum number of runs whose text, as last read, is cached, so that a change needn't read it first. */
const maxCachedRuns = 200

type StoredRun = { text: string; run: Run | Broken }

export type RunRecordsOptions = {
  signer: Signer
  /** Secret of the installation, with which an earlier version signed runs. */
  secret: Secrets
  runKey: (id: string) => string
  report: ReportBroken
}

/**
 * Signs, reads and changes runs. The signature covers a whole run and its id: only a run whose signature is valid is
 * passed to a change, so that nothing is signed that this program has not written. A change starts from the cached
 * text; the run is read again only if another process has changed it, or before a change is declined.
 */
export function createRunRecords(redis: Redis, { signer, secret, runKey, report }: RunRecordsOptions) {
  const swap = redisScript(redis, 'swap-run', 1)
  const cache = createCache<StoredRun>(maxCachedRuns)
  const nameOf = (id: string) => `run:${id}`

  const sign = (run: Run): string => signer.sign(nameOf(run.id), JSON.stringify(run))
  const open = (id: string, text: string): Run | Broken => {
    const signed = signer.verify(nameOf(id), text)
    if (signed !== undefined) return JSON.parse(signed) as Run
    const earlier = openEarlier(id, text)
    if (earlier !== undefined) return earlier
    report(runKey(id), text)
    return 'broken'
  }
  const openEarlier = (id: string, text: string): Run | undefined => {
    if (!text.startsWith('{')) return undefined
    const run = parseJson(text) as (Run & { seal?: string }) | undefined
    if (run?.id !== id || !hasEarlierSignature(secret, run)) return undefined
    const { seal: _seal, ...rest } = run
    return rest
  }
  const cacheRun = (id: string, text: string, run = open(id, text)): StoredRun => {
    const entry = { text, run }
    cache.set(id, entry)
    return entry
  }
  const read = async (id: string) => {
    const text = await redis.get(runKey(id))
    return text === null ? undefined : cacheRun(id, text)
  }

  return {
    sign,
    read: async (id: string): Promise<Run | Broken | undefined> => (await read(id))?.run,
    /** Replaces whatever is stored by this run, which the caller has verified or made. */
    async replace(run: Run): Promise<void> {
      const text = sign(run)
      await redis.set(runKey(run.id), text, 'EX', runRetentionSeconds)
      cacheRun(run.id, text, run)
    },
    async change(id: string, update: (run: Run) => Run | undefined): Promise<Run | Broken | undefined> {
      const cached = cache.get(id)
      let current = cached ?? (await read(id))
      for (let isCurrent = cached === undefined; current !== undefined; isCurrent = true) {
        const next = current.run === 'broken' ? undefined : update(current.run)
        if (next === undefined && isCurrent) return current.run
        if (next === undefined) {
          current = await read(id)
          continue
        }
        const text = sign(next)
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
