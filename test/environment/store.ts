import type { Redis } from 'ioredis'
import { type Store, type StoredValue, verified } from '#core/ports/store'
import type { Run } from '#core/runs/run'
import { redisRunStore } from '#src/redis/store/run-store'
import { sealKey } from '#test/flow/settings'

type TestStore = Omit<Store, 'run' | 'changeRun'> & {
  run: (id: string) => Promise<Run | undefined>
  changeRun: (id: string, change: (run: Run) => Run | undefined) => Promise<Run | undefined>
}

/** Opens the store with the signing key of the tested program. Its functions throw if a signature is invalid. */
export function openStore(redis: Redis, prefix = 'retina'): TestStore {
  const store = redisRunStore(redis, { secret: sealKey, prefix, now: Date.now })
  return {
    ...store,
    run: async (id) => whole(await store.run(id)),
    changeRun: async (id, change) => whole(await store.changeRun(id, change)),
  }
}

/** Returns a value that was read; throws if its signature is invalid. */
export function whole<T>(value: StoredValue<T>): T | undefined {
  if (value === 'broken') throw new Error('the stored value is broken')
  return verified(value)
}

/** Changes a signed text in Redis without the key, so that its signature no longer matches. */
export async function forge<T>(redis: Redis, key: string, change: (value: T) => T): Promise<void> {
  const text = (await redis.get(key)) ?? ''
  const separator = text.indexOf('.')
  const value = JSON.parse(text.slice(separator + 1)) as T
  await redis.set(key, `${text.slice(0, separator)}.${JSON.stringify(change(value))}`, 'KEEPTTL')
}
