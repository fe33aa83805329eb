import { afterAll, beforeAll } from '@jest/globals'
import { type Lock, lock } from '#dev/machine/lock'

/** Keeps the tests of one file apart from those of all files, in other checkouts too, that take a lock of the same name. */
export function useMachineLock(name: string): void {
  let held: Lock | undefined
  beforeAll(async () => {
    held = await lock(`tests-${name}`, 'a test file')
  }, 600_000)
  afterAll(() => held?.release())
}
