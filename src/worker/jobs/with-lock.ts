import type { Store } from '#core/ports/store'

/** `maxMs`: time after which the lock is extended no more, so that work which never ends is left to another worker. */
type LockTimes = { leaseMs: number; maxMs?: number }

/**
 * Does `work` under a lock, or nothing while another worker has it: returns whether it was done. The lock is extended until the work ends,
 * for at most ten leases if `maxMs` isn't given; that of a worker that dies expires after `leaseMs`. Rejects as the work does.
 */
export async function withLock(
  store: Pick<Store, 'acquireLock'>,
  key: string,
  { leaseMs, maxMs = 10 * leaseMs }: LockTimes,
  work: () => Promise<void>,
): Promise<boolean> {
  const lock = await store.acquireLock(key, leaseMs / 1_000)
  if (lock === undefined) return false
  let extensionsLeft = Math.ceil((3 * maxMs) / leaseMs)
  const timer = setInterval(() => {
    extensionsLeft -= 1
    if (extensionsLeft === 0) clearInterval(timer)
    // Where it can't be extended now, the next time is soon enough.
    lock.extend(leaseMs / 1_000).catch(() => undefined)
  }, leaseMs / 3)
  try {
    await work()
    return true
  } finally {
    clearInterval(timer)
    await lock.release()
  }
}
