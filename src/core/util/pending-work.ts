/** Work that was begun and has not ended yet. */
export type PendingWork = {
  /** The same function; its calls count as under way until they end. */
  watched: <Arguments extends unknown[]>(
    work: (...given: Arguments) => Promise<void>,
  ) => (...given: Arguments) => Promise<void>
  /** Resolves when what is under way has ended. */
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
