import { expect, test } from '@jest/globals'
import { createCache } from '#core/util/cache'
import { memoize } from '#core/util/memoize'

test('the value set the longest ago gives way, and one that is set again does not', () => {
  const cache = createCache<number | undefined>(2)
  cache.set('a', 1)
  cache.set('b', undefined)
  cache.set('a', 2)
  cache.set('c', 3)
  expect([cache.get('a'), cache.has('b'), cache.get('c')]).toEqual([2, false, 3])
  cache.set('b', undefined)
  expect(cache.has('b')).toBe(true)
})

test('a result is loaded once an age, whatever it is, and a failure not kept', async () => {
  let [nowMs, loads] = [0, 0]
  const load = memoize(
    async (key) => {
      loads += 1
      if (key === 'broken') throw new Error('away')
      return undefined
    },
    () => nowMs,
    100,
    2,
  )
  await Promise.all([load('a'), load('a')])
  nowMs = 99
  await load('a')
  expect(loads).toBe(1)
  nowMs = 100
  await load('a')
  expect(loads).toBe(2)
  await expect(load('broken')).rejects.toThrow('away')
  await expect(load('broken')).rejects.toThrow('away')
  expect(loads).toBe(4)
  await Promise.all([load('b'), load('c'), load('a')])
  expect(loads).toBe(7)
})
