import { afterAll, beforeAll } from '@jest/globals'
import { type Lock, lock } from '#dev/machine/lock'

/** Lock of those who compare what the nodes' networks consist of, and of those who change that for all pods. */
export const nodeStateLock = 'state-of-nodes'

/** Takes a lock of the machine; waits for its holder. `holder`: who takes it, for those who wait. */
export function takeMachineLock(name: string, holder = 'a test file'): Promise<Lock> {
  return lock(`tests-${name}`, holder)
}

/**
 * Runs the tests of one file while it holds a lock of the machine, so that files with the same lock, also of other checkouts, don't
 * overlap.
 */
export function useMachineLock(name: string): void {
  let ownLock: Lock | undefined
  beforeAll(async () => {
    ownLock = await takeMachineLock(name)
  }, 900_000)
  afterAll(() => ownLock?.release())
}
