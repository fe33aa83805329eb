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

test('a request to an unreachable API server is retried until the timeout', async () => {
  const { ask, asked } = failing(2, new TypeError('fetch failed'))
  expect(await retryRequest(ask)).toBe('answer')
  expect(asked()).toBe(3)
  const never = failing(100, new TypeError('fetch failed'))
  await expect(retryRequest(never.ask, 250)).rejects.toThrow('fetch failed')
  expect(never.asked()).toBe(3)
})

test('a request that the API server answered is not retried', async () => {
  const { ask, asked } = failing(1, new ApiException(403, 'no', '{}', {}))
  await expect(retryRequest(ask)).rejects.toThrow(ApiException)
  expect(asked()).toBe(1)
})
