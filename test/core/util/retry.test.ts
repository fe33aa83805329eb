import { expect, test } from '@jest/globals'
import { delay } from '#core/util/delay'
import { doublingDelay, poll, type RetryClock, retry } from '#core/util/retry'

/** Clock that passes only while something sleeps. */
function testClock(): RetryClock & { slept: number[] } {
  const slept: number[] = []
  return {
    slept,
    now: () => slept.reduce((sum, delayMs) => sum + delayMs, 0),
    sleep: async (delayMs) => void slept.push(delayMs),
  }
}

const failures = (count: number) => {
  let left = count
  return async () => {
    if (left === 0) return 'done'
    left -= 1
    throw new Error(`${left} more`)
  }
}

test('a request is retried after the delays that its errors ask for', async () => {
  const clock = testClock()
  const result = await retry(failures(4), (_error, { attempt }) => doublingDelay(100, attempt, 300), clock)
  expect(result).toBe('done')
  expect(clock.slept).toEqual([100, 200, 300, 300])
})

test('it is rejected with its own error once no further attempt is to be made', async () => {
  const clock = testClock()
  const limited = retry(failures(9), (_error, { elapsedMs }) => (elapsedMs < 100 ? 50 : undefined), clock)
  await expect(limited).rejects.toThrow('6 more')
  expect(clock.slept).toEqual([50, 50])
})

test('an uncounted attempt leaves the number as it is', async () => {
  const clock = testClock()
  const numbers: number[] = []
  await retry(
    failures(3),
    (_error, { attempt }) => {
      numbers.push(attempt)
      return numbers.length === 1 ? { uncountedMs: 7 } : doublingDelay(100, attempt)
    },
    clock,
  )
  expect(numbers).toEqual([1, 1, 2])
  expect(clock.slept).toEqual([7, 100, 200])
})

test('an answer is asked for until it is final, and what is thrown ends it', async () => {
  const answers = ['busy', 'busy', 'free']
  const clock = testClock()
  expect(
    await poll(
      async () => answers.shift(),
      (answer) => (answer === 'busy' ? 10 : undefined),
      clock,
    ),
  ).toBe('free')
  expect(clock.slept).toEqual([10, 10])
  await expect(poll(failures(1), () => 10, clock)).rejects.toThrow('0 more')
})

test('a delay ends when its signal aborts, also one that has aborted before', async () => {
  const controller = new AbortController()
  const waiting = delay(3_600_000, controller.signal)
  controller.abort()
  await waiting
  await delay(3_600_000, controller.signal)
  await delay(-1)
})
