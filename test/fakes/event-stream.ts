import type { EventStream } from '#core/ports/chat'

/** Creates an event stream in memory; `append` writes to any of its channels. */
export function memoryEventStream(): EventStream {
  const streams = new Map<string, { id: string; entry: unknown }[]>()
  const waiting = new Set<() => void>()
  const entriesOf = (key: string) => {
    const existing = streams.get(key) ?? []
    streams.set(key, existing)
    return existing
  }
  return {
    async append(key, entry) {
      const entries = entriesOf(key)
      const id = String(entries.length).padStart(6, '0')
      entries.push({ id, entry: JSON.parse(JSON.stringify(entry)) as unknown })
      for (const wake of [...waiting]) wake()
      return id
    },
    async *read(key, after, signal) {
      let next = after === undefined ? 0 : Number(after) + 1
      while (!signal.aborted) {
        const found = entriesOf(key)[next]
        if (found !== undefined) {
          next += 1
          yield found
        } else await nextEntry(waiting, signal)
      }
    },
  }
}

function nextEntry(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      waiting.delete(wake)
      signal.removeEventListener('abort', wake)
      resolve()
    }
    waiting.add(wake)
    signal.addEventListener('abort', wake)
  })
}
