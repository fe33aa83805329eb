import type { EventStream } from '#core/ports/chat'

/** An event stream in memory, for one process. */
export function memoryEventStream(): EventStream {
  const entries: { id: string; board: string; entry: unknown }[] = []
  const waiting = new Set<() => void>()
  return {
    async append(board, entry) {
      const id = String(entries.length)
      entries.push({ id, board, entry })
      for (const wake of waiting) wake()
      return id
    },
    async *read(board, after, signal) {
      for (let next = after === undefined ? 0 : Number(after) + 1; !signal.aborted; ) {
        const found = entries[next]
        if (found === undefined) {
          await new Promise<void>((resolve) => {
            waiting.add(resolve)
            signal.addEventListener('abort', () => resolve(), { once: true })
          })
          continue
        }
        next += 1
        if (found.board === board) yield { id: found.id, entry: found.entry }
      }
    },
  }
}
