/** Hands values from one loop to another, one at a time: `put` resolves when the value was taken, so a slow reader slows the writer. */
export type Channel<T> = {
  put: (value: T) => Promise<void>
  close: () => void
  values: AsyncIterable<T>
}

export function channel<T>(): Channel<T> {
  const waiting: { value: T; taken: () => void }[] = []
  let closed = false
  let wake: () => void = () => undefined
  return {
    put(value) {
      return new Promise((taken) => {
        waiting.push({ value, taken })
        wake()
      })
    },
    close() {
      closed = true
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
