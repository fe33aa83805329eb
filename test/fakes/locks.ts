import type { Store } from '#core/ports/store'
import type { FakeClock } from './clock.ts'
import { expiringMap } from './expiring.ts'

/** Locks and counters in memory. */
export function memoryLocks(clock: FakeClock): Pick<Store, 'acquireLock' | 'count'> {
  const locks = expiringMap<number>(clock)
  let lastToken = 0
  const counts = expiringMap<{ count: number; until: number }>(clock)
  return {
    async acquireLock(key, seconds) {
      if (locks.get(key) !== undefined) return undefined
      lastToken += 1
      const token = lastToken
      locks.set(key, token, seconds)
      const isHeld = () => locks.get(key) === token
      return {
        async extend(more) {
          if (!isHeld()) return false
          locks.set(key, token, more)
          return true
        },
        async release() {
          if (isHeld()) locks.delete(key)
        },
      }
    },
    async count(key, seconds) {
      const now = clock.now().getTime()
      const { count, until } = counts.get(key) ?? { count: 0, until: now + seconds * 1_000 }
      counts.set(key, { count: count + 1, until }, (until - now) / 1_000)
      return count + 1
    },
  }
}
