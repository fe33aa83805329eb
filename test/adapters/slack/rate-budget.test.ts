import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { retryCall } from '#adapters/slack/call'
import { createRateBudget } from '#adapters/slack/rate-budget'
import { ChatError } from '#core/ports/chat'
import { defaultTiming } from '#core/util/default-timings'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

test('setting the wall clock back doesn’t change the budget of edits', async () => {
  const budget = createRateBudget()
  for (let at = 0; at < 50; at++) budget.ending()
  jest.setSystemTime(Date.now() - 3_600_000)
  await jest.advanceTimersByTimeAsync(60_000)
  expect(budget.ending()).toBe(0)
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
