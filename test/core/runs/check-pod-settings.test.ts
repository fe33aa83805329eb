import { expect, test } from '@jest/globals'
import { largestQuantity, parseQuantity } from '#core/runs/check-pod-settings'

test.each<[string, number | undefined]>([
  ['1', 1],
  ['500m', 0.5],
  ['0.5', 0.5],
  ['64Mi', 67_108_864],
  ['1Gi', 1_073_741_824],
  ['2k', 2_000],
  ['1e3', 1_000],
  ['1E3', 1_000],
  ['2E', 2e18],
  ['', undefined],
  ['-1', undefined],
  ['1 Gi', undefined],
  ['1gb', undefined],
  ['Mi', undefined],
  ['1e', undefined],
])('the quantity %j is %s', (text, value) => {
  expect(parseQuantity(text)).toBe(value)
})

test('the largest of some quantities is found by value', () => {
  expect(largestQuantity('2Gi', undefined, '3G')).toBe('3G')
  expect(largestQuantity('2Gi', '1024Mi')).toBe('2Gi')
})
