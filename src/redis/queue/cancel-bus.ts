import type { Redis } from 'ioredis'
import type { CancelBus } from '#core/ports/queue'
import type { Signer } from '#core/ports/signing'
import type { ReportBroken } from '#src/redis/store/signed-values'
import { openSubscriber, type Subscriber } from '#src/redis/subscriber'

/** Seconds that a cancellation is stored: longer than any run lasts. */
const cancellationTtlSeconds = 24 * 3_600

export type CancelBusOptions = { signer: Signer; report?: ReportBroken; prefix?: string }

/**
 * Sends cancellations over Redis twice: as a key, so that a worker that takes the run later still sees it, and as a
 * published message, so that the worker that has the run receives it at once.
 */
export function redisCancelBus(
  redis: Redis,
  { signer, report = () => undefined, prefix = 'retina' }: CancelBusOptions,
): CancelBus & { close(): Promise<void> } {
  const keyOf = (runId: string) => `${prefix}:cancel:${runId}`
  const channel = `${prefix}:cancel`
  const nameOf = (runId: string) => `cancel:${runId}`
  /** Returns who canceled the run; undefined for a cancellation that this program didn't write. */
  const open = (runId: string, text: string): string | undefined => {
    const by = signer.verify(nameOf(runId), text)
    if (by === undefined) report(keyOf(runId), text)
    return by
  }
  const listeners = new Map<string, (by: string) => void>()
  let subscriber: Subscriber | undefined
  const hear = (message: string) => {
    const separatorIndex = message.indexOf(' ')
    const runId = message.slice(0, separatorIndex)
    const callback = listeners.get(runId)
    const by = callback === undefined ? undefined : open(runId, message.slice(separatorIndex + 1))
    if (by !== undefined) callback?.(by)
  }
  /** Reads the keys: messages published while Redis was unreachable were received by no subscriber. */
  const catchUp = async () => {
    for (const [runId, callback] of listeners) {
      const text = await redis.get(keyOf(runId))
      const by = text === null ? undefined : open(runId, text)
      if (by !== undefined) callback(by)
    }
  }

  return {
    async cancel(runId, by) {
      const text = signer.sign(nameOf(runId), by)
      await redis.set(keyOf(runId), text, 'EX', cancellationTtlSeconds)
      await redis.publish(channel, `${runId} ${text}`)
    },
    async onCancel(runId, callback) {
      subscriber ??= openSubscriber(redis, channel, hear, catchUp)
      await subscriber.subscribed
      listeners.set(runId, callback)
      // Reads the key after subscribing, so that a cancellation in between isn't missed.
      const text = await redis.get(keyOf(runId))
      const already = text === null ? undefined : open(runId, text)
      if (already !== undefined) callback(already)
      return async () => {
        listeners.delete(runId)
      }
    },
    async close() {
      subscriber?.close()
    },
  }
}
