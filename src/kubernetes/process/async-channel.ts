/** Queue between two loops. `put` resolves when its value was read, so that a slow reader slows the writer down. */
export type Handoff<T> = {
  put: (value: T) => Promise<void>
  close: () => void
  /** Ends it at once: discards queued values and those that are put later. */
  drop: () => void
  values: AsyncIterable<T>
}

export function createHandoff<T>(): Handoff<T> {
  const waiting: { value: T; taken: () => void }[] = []
  let closed = false
  let dropped = false
  let wake: () => void = () => undefined
  return {
    put(value) {
      if (dropped) return Promise.resolve()
      return new Promise((taken) => {
        waiting.push({ value, taken })
        wake()
      })
    },
    close() {
      closed = true
      wake()
    },
    drop() {
      dropped = true
      closed = true
      for (const { taken } of waiting.splice(0)) taken()
      wake()
    },
    values: {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          const next = waiting.shift()
          if (next !== undefined) {
            next.taken()
            yield next.value
          } else if (closed) return
          else {
            await new Promise<void>((resolve) => {
              wake = resolve
            })
          }
        }
      },
    },
  }
}
