import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { retryCall } from '#adapters/slack/call'
import { createRateBudget } from '#adapters/slack/rate-budget'
import { ChatError } from '#core/ports/chat'
import { defaultTiming } from '#core/util/default-timings'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

test('setting the wall clock back doesn’t change the budget of edits', async () => {
  const budget = createRateBudget()
  for (let at = 0; at < 50; at++) await budget.ending()
  jest.setSystemTime(Date.now() - 3_600_000)
  await jest.advanceTimersByTimeAsync(60_000)
  let isShown = false
  void budget.ending().then(() => {
    isShown = true
  })
  await jest.advanceTimersByTimeAsync(0)
  expect(isShown).toBe(true)
})

test('setting the wall clock forward doesn’t end retries', async () => {
  let calls = 0
  const request = async () => {
    calls += 1
    if (calls === 1) {
      jest.setSystemTime(Date.now() + 3_600_000)
      throw new ChatError('HTTP 500')
    }
    return 'taken'
  }
  const answer = retryCall('chat.postMessage', request, defaultTiming)
  answer.catch(() => undefined)
  await jest.advanceTimersByTimeAsync(2_000)
  await expect(answer).resolves.toBe('taken')
})

/** A clock that stands still until somebody sleeps. */
function openClock() {
  let time = 0
  const sleep = (delayMs: number) => {
    time += delayMs
    return Promise.resolve()
  }
  const advance = (ms: number) => {
    time += ms
  }
  return { now: () => time, sleep, advance }
}

test('progress leaves a reserve to results, and says how long it has to wait', () => {
  const clock = openClock()
  const budget = createRateBudget(clock)
  const taken = Array.from({ length: 60 }, () => budget.progress()).filter((delayMs) => delayMs === 0)
  expect(taken).toHaveLength(30)
  expect(budget.progress()).toBe(1_200)
  clock.advance(1_200)
  expect(budget.progress()).toBe(0)
})

test('results wait for the budget in their order: none is overtaken by a later one', async () => {
  const clock = openClock()
  const budget = createRateBudget(clock)
  const shown: [number, number][] = []
  await Promise.all(
    Array.from({ length: 120 }, (_each, at) => budget.ending().then(() => void shown.push([at, clock.now()]))),
  )
  expect(shown.map(([at]) => at)).toEqual(Array.from({ length: 120 }, (_each, at) => at))
  // 50 at once, then one every 1.2 seconds.
  expect(shown[49]).toEqual([49, 0])
  expect(shown[119]).toEqual([119, 70 * 1_200])
})
