import { expect, test } from '@jest/globals'
import { ApiException } from '@kubernetes/client-node'
import { retryRequest } from '#src/kubernetes/api/retry'

function failing(times: number, error: Error) {
  let asked = 0
  const ask = async () => {
    asked += 1
    if (asked <= times) throw error
    return 'answer'
  }
  return { ask, asked: () => asked }
}

test('an API server that can’t be reached is asked again, for as long as somebody waits', async () => {
  const { ask, asked } = failing(2, new TypeError('fetch failed'))
  expect(await retryRequest(ask)).toBe('answer')
  expect(asked()).toBe(3)
  const never = failing(100, new TypeError('fetch failed'))
  await expect(retryRequest(never.ask, 250)).rejects.toThrow('fetch failed')
  expect(never.asked()).toBe(3)
})

test('what the API server has answered is not asked again', async () => {
  const { ask, asked } = failing(1, new ApiException(403, 'no', '{}', {}))
  await expect(retryRequest(ask)).rejects.toThrow(ApiException)
  expect(asked()).toBe(1)
})
