import { expect, test } from '@jest/globals'
import type { Redis } from 'ioredis'
import { redisClock } from '#src/redis/clock'

/** Returns a Redis whose clock is an hour ahead, and that answers after `delayMs` milliseconds. */
function slowRedis(delayMs: number): Redis {
  const time = async () => {
    await new Promise((resolve) => setTimeout(resolve, delayMs))
    const now = Date.now() + 3_600_000
    return [String(Math.floor(now / 1_000)), String((now % 1_000) * 1_000)]
  }
  return { time } as unknown as Redis
}

test('a process uses the clock of Redis from its start, even if the first response is slow', async () => {
  const clock = redisClock(slowRedis(600))
  await clock.ready()
  expect(clock.now().getTime() - Date.now()).toBeGreaterThan(3_500_000)
  clock.close()
})
