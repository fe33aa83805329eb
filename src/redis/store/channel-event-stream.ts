import type { Redis } from 'ioredis'
import type { EventStream } from '#core/ports/chat'
import type { Signer } from '#core/ports/signing'
import { onAbort } from '#core/util/on-abort'
import type { ReportBroken } from './signed-values.ts'

/** Approximate maximum of entries per stream; older ones are trimmed. */
const maxEntries = 10_000

/** Milliseconds that one read blocks in Redis before it checks whether it was aborted. */
const blockMs = 5_000

/** Stores event streams as Redis streams: ordered, durable, readable from any process. */
export function redisEventStream(
  redis: Redis,
  { signer, report = () => undefined, prefix = 'retina' }: { signer: Signer; report?: ReportBroken; prefix?: string },
): EventStream {
  const nameOf = (stream: string) => `events:${stream}`
  const key = (stream: string) => `${prefix}:${nameOf(stream)}`
  return {
    async append(stream, entry) {
      const text = signer.sign(nameOf(stream), JSON.stringify(entry))
      const id = await redis.xadd(key(stream), 'MAXLEN', '~', maxEntries, '*', 'entry', text)
      if (id === null) throw new Error(`event stream ${stream}: Redis returned no id`)
      return id
    },
    async *read(stream, after, signal) {
      // A blocking read occupies its connection, so each reader has its own.
      const reader = redis.duplicate()
      reader.on('error', () => undefined)
      const forget = onAbort(signal, () => reader.disconnect())
      let lastId = after ?? '0'
      try {
        while (!signal.aborted) {
          const streams = await reader
            .xread('COUNT', 200, 'BLOCK', blockMs, 'STREAMS', key(stream), lastId)
            .catch((error: Error) => {
              if (signal.aborted) return null
              throw error
            })
          for (const [id, fields] of streams?.[0]?.[1] ?? []) {
            lastId = id
            const text = fields[1] ?? ''
            const signed = signer.verify(nameOf(stream), text)
            if (signed === undefined) report(key(stream), text)
            else yield { id, entry: JSON.parse(signed) as unknown }
          }
        }
      } finally {
        forget()
        reader.disconnect()
      }
    },
  }
}
