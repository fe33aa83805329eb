import type { Redis } from 'ioredis'
import type { EventStream } from '#core/ports/chat'

/** Entries kept on one board, about; older ones are cut off. */
const keep = 10_000

/** Milliseconds that one read waits in Redis before it looks whether it is still wanted. */
const patience = 5_000

/** Boards as Redis streams: ordered, lasting, readable from any process. */
export function redisEventStream(redis: Redis, prefix = 'retina'): EventStream {
  const key = (board: string) => `${prefix}:board:${board}`
  return {
    async append(board, entry) {
      const id = await redis.xadd(key(board), 'MAXLEN', '~', keep, '*', 'entry', JSON.stringify(entry))
      if (id === null) throw new Error(`board ${board}: Redis gave no id`)
      return id
    },
    async *read(board, after, signal) {
      // A blocking read holds its connection, so each reader has its own.
      const reader = redis.duplicate()
      reader.on('error', () => undefined)
      const stop = () => reader.disconnect()
      signal.addEventListener('abort', stop, { once: true })
      let last = after ?? '0'
      try {
        while (!signal.aborted) {
          const streams = await reader
            .xread('COUNT', 200, 'BLOCK', patience, 'STREAMS', key(board), last)
            .catch((error: Error) => {
              if (signal.aborted) return null
              throw error
            })
          for (const [id, fields] of streams?.[0]?.[1] ?? []) {
            last = id
            yield { id, entry: JSON.parse(fields[1] ?? 'null') as unknown }
          }
        }
      } finally {
        signal.removeEventListener('abort', stop)
        reader.disconnect()
      }
    },
  }
}
