import type { Redis } from 'ioredis'
import { redisScript } from '#src/redis/script'

/** Scripts of the command inbox. Each is atomic in Redis, so that two bots can't both do the same step. */
export function inboxScripts(redis: Redis) {
  return {
    store: redisScript(redis, 'store-command', 5),
    accept: redisScript(redis, 'confirm-stored-command', 1),
    abandon: redisScript(redis, 'abandon-command', 4),
    takeOver: redisScript(redis, 'take-over-commands', 1),
    renew: redisScript(redis, 'renew-leases', 0),
    saveStep: redisScript(redis, 'save-step', 1),
    ack: redisScript(redis, 'ack-command', 3),
    release: redisScript(redis, 'release-lease', 2),
  }
}

export type InboxScripts = ReturnType<typeof inboxScripts>
