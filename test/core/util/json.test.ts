import { expect, test } from '@jest/globals'
import { getValue, isRecord, parseJson, toList, toRecord } from '#core/util/json'

test('text that is no JSON is undefined, and JSON is its value, null too', () => {
  expect(parseJson('{')).toBeUndefined()
  expect(parseJson('')).toBeUndefined()
  expect(parseJson('null')).toBeNull()
  expect(parseJson('[1]')).toEqual([1])
})

test('null and lists are no objects with names', () => {
  expect([null, undefined, [], 'a', 1].map(isRecord)).toEqual([false, false, false, false, false])
  expect([null, [], 'a'].map(toRecord)).toEqual([{}, {}, {}])
  expect(toList({ a: 1 })).toEqual([])
  expect(getValue({ a: { b: 1 } }, 'a', 'b')).toBe(1)
  expect(getValue(null, 'a', 'b')).toBeUndefined()
})
