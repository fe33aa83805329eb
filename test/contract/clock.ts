import { describe, expect, test } from '@jest/globals'

/** Clock under test; `pass` resolves when at least that many ms have passed. */
export type ClockBench = { now: () => Date; ready: () => Promise<void>; pass: (ms: number) => Promise<void> }

/** Tests what every clock that processes share has to do. */
export function clockContract(name: string, open: () => Promise<ClockBench>): void {
  describe(`${name} meets the contract of a clock`, () => {
    test('it goes forward, at the pace of time, and isn’t changed by being read', async () => {
      const { now, ready, pass } = await open()
      await ready()
      const first = now()
      expect(Number.isNaN(first.getTime())).toBe(false)
      await pass(20)
      const passedMs = now().getTime() - first.getTime()
      // A timer of this process may be a moment early by another clock.
      expect(passedMs).toBeGreaterThanOrEqual(18)
      now().setFullYear(1990)
      expect(now().getTime()).toBeGreaterThanOrEqual(first.getTime())
    })
  })
}
