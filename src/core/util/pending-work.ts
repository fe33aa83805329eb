/** Tracker of calls that have not ended yet. */
export type PendingWork = {
  /** Returns the function with its calls tracked until they end. */
  watched: <Arguments extends unknown[]>(
    work: (...given: Arguments) => Promise<void>,
  ) => (...given: Arguments) => Promise<void>
  /** Resolves when the calls that are currently in progress have ended. */
  settled: () => Promise<void>
}

export function trackPendingWork(): PendingWork {
  const calls = new Set<Promise<void>>()
  return {
    watched:
      (work) =>
      (...given) => {
        const call = work(...given)
        calls.add(call)
        const done = () => void calls.delete(call)
        call.then(done, done)
        return call
      },
    async settled() {
      await Promise.allSettled(calls)
    },
  }
}
