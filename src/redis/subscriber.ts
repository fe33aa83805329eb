import type { Redis } from 'ioredis'

/** Subscription to a channel by a connection of its own. */
export type Subscriber = {
  /** Resolves when the connection has subscribed for the first time; rejects if Redis refuses that, or if it is closed before. */
  subscribed: Promise<void>
  close: () => void
}

/**
 * Subscribes to a channel, after each reconnection again, and calls `onSubscribed` each time: messages published meanwhile were received by
 * no subscriber. ioredis' own way, `autoResubscribe`, leaves a rejection that nobody handles where the connection is closed meanwhile.
 */
export function openSubscriber(
  redis: Redis,
  channel: string,
  onMessage: (message: string) => void,
  onSubscribed: () => Promise<void> = async () => undefined,
): Subscriber {
  const connection = redis.duplicate({ autoResubscribe: false })
  const { promise: subscribed, resolve, reject } = Promise.withResolvers<void>()
  subscribed.catch(() => undefined)
  const subscribe = async () => {
    await connection.subscribe(channel).catch((error: unknown) => {
      // Redis itself refuses it. Where only the connection was lost, it is tried again after the next reconnection.
      if (connection.status === 'ready') reject(error)
      throw error
    })
    resolve()
    await onSubscribed()
  }
  connection.on('error', () => undefined)
  connection.on('message', (_channel: string, message: string) => onMessage(message))
  connection.on('ready', () => void subscribe().catch(() => undefined))
  connection.once('end', () => reject(new Error('the connection was closed before it had subscribed')))
  return { subscribed, close: () => connection.disconnect() }
}
