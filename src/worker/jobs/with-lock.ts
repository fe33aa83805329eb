import type { Store } from '#core/ports/store'

/** After so many extensions a lock expires, so that work which never ends is left to another worker: ten leases. */
const maxExtensions = 30

/**
 * Does `work` under a lock, or nothing while another worker has it. The lock is extended until the work ends; that of a worker that dies
 * expires after `leaseMs`. Rejects as the work does.
 */
export async function withLock(
  store: Pick<Store, 'acquireLock'>,
  key: string,
  leaseMs: number,
  work: () => Promise<void>,
): Promise<void> {
  const lock = await store.acquireLock(key, leaseMs / 1_000)
  if (lock === undefined) return
  let extensionsLeft = maxExtensions
  const timer = setInterval(() => {
    extensionsLeft -= 1
    if (extensionsLeft === 0) clearInterval(timer)
    // Where it can't be extended now, the next time is soon enough.
    lock.extend(leaseMs / 1_000).catch(() => undefined)
  }, leaseMs / 3)
  try {
    await work()
  } finally {
    clearInterval(timer)
    await lock.release()
  }
}
