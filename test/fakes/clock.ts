/** Clock that moves only when a test moves it. */
export type FakeClock = {
  now: () => Date
  /** Resolves at once: it asks nobody. */
  ready: () => Promise<void>
  /** Moves the clock forward. */
  pass: (ms: number) => void
}

export function fakeClock(start = '2026-11-24T03:00:00.000Z'): FakeClock {
  let at = Date.parse(start)
  return {
    now: () => new Date(at),
    ready: async () => undefined,
    pass(ms) {
      at += ms
    },
  }
}
