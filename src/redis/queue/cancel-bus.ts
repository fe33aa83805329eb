import type { Redis } from 'ioredis'
import type { CancelBus } from '#core/ports/queue'

/** Seconds that a cancellation is stored: longer than any run lasts. */
const cancellationTtlSeconds = 24 * 3_600

/**
 * Sends cancellations over Redis twice: as a key, so that a worker that takes the run later still sees it, and as a
 * published message, so that the worker that has the run receives it at once.
 */
export function redisCancelBus(redis: Redis, prefix = 'retina'): CancelBus & { close(): Promise<void> } {
  const keyOf = (runId: string) => `${prefix}:cancel:${runId}`
  const channel = `${prefix}:cancel`
  const listeners = new Map<string, (by: string) => void>()
  const subscriber = redis.duplicate()
  subscriber.on('error', () => undefined)
  let subscribed: Promise<unknown> | undefined
  // Reads the keys after each reconnection: messages published while Redis was unreachable were received by no
  // subscriber.
  const catchUp = async () => {
    if (listeners.size === 0) return
    await subscriber.subscribe(channel)
    for (const [runId, callback] of listeners) {
      const by = await redis.get(keyOf(runId))
      if (by !== null) callback(by)
    }
  }
  subscriber.on('ready', () => void catchUp().catch(() => undefined))

  subscriber.on('message', (_channel: string, message: string) => {
    const { runId, by } = JSON.parse(message) as { runId: string; by: string }
    listeners.get(runId)?.(by)
  })

  return {
    async cancel(runId, by) {
      await redis.set(keyOf(runId), by, 'EX', cancellationTtlSeconds)
      await redis.publish(channel, JSON.stringify({ runId, by }))
    },
    async onCancel(runId, callback) {
      subscribed ??= subscriber.subscribe(channel)
      await subscribed
      listeners.set(runId, callback)
      // Reads the key after subscribing, so that a cancellation in between isn't missed.
      const already = await redis.get(keyOf(runId))
      if (already !== null) callback(already)
      return async () => {
        listeners.delete(runId)
      }
    },
    async close() {
      subscriber.disconnect()
    },
  }
}
