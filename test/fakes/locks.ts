import type { Store } from '#core/ports/store'
import type { FakeClock } from './clock.ts'
import { expiringMap } from './expiring.ts'

/** Locks and counters in memory. */
export function memoryLocks(clock: FakeClock): Pick<Store, 'acquireLock' | 'releaseLock' | 'count'> {
  const locks = expiringMap<true>(clock)
  const counts = expiringMap<{ count: number; until: number }>(clock)
  return {
    async acquireLock(key, seconds) {
      if (locks.get(key) !== undefined) return false
      locks.set(key, true, seconds)
      return true
    },
    async releaseLock(key) {
      locks.delete(key)
    },
    async count(key, seconds) {
      const now = clock.now().getTime()
      const { count, until } = counts.get(key) ?? { count: 0, until: now + seconds * 1_000 }
      counts.set(key, { count: count + 1, until }, (until - now) / 1_000)
      return count + 1
    },
  }
}
