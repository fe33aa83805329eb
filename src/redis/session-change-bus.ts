import type { Redis } from 'ioredis'
import type { TerminalBus } from '#core/ports/terminal-bus'
import { openSubscriber, type Subscriber } from './subscriber.ts'

/**
 * Sends hints over Redis that a session changed. A hint is only a reason to read the session's signed record, so that a forged or lost one does
 * no harm: what holds a session reads its record periodically too.
 */
export function redisTerminalBus(redis: Redis, prefix = 'retina'): TerminalBus & { close: () => void } {
  const channel = `${prefix}:terminal`
  const listeners = new Map<string, Set<() => void>>()
  let subscriber: Subscriber | undefined
  const callAll = (session: string) => {
    for (const callback of listeners.get(session) ?? []) callback()
  }
  return {
    async changed(session) {
      await redis.publish(channel, session)
    },
    onChange(session, callback) {
      subscriber ??= openSubscriber(redis, channel, callAll)
      const callbacks = listeners.get(session) ?? new Set()
      listeners.set(session, callbacks.add(callback))
      return () => {
        callbacks.delete(callback)
        if (callbacks.size === 0) listeners.delete(session)
      }
    },
    close() {
      subscriber?.close()
    },
  }
}
