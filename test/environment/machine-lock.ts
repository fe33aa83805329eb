import { afterAll, beforeAll } from '@jest/globals'
import { type Lock, lock } from '#dev/machine/lock'

/**
 * Runs the tests of one file while it holds a lock of the machine, so that files with the same lock, also of other checkouts, don't
 * overlap.
 */
export function useMachineLock(name: string): void {
  let ownLock: Lock | undefined
  beforeAll(async () => {
    ownLock = await lock(`tests-${name}`, 'a test file')
  }, 600_000)
  afterAll(() => ownLock?.release())
}
