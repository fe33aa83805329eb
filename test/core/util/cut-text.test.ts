import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { cutText, firstChars } from '#core/util/cut-text'

test.each<[string, number, string, string]>([
  ['abc', 3, 'abc', 'abc'],
  ['abcd', 3, 'abc', 'ab…'],
  ['ab🏳', 3, 'ab', 'ab…'],
  ['a🏳b', 3, 'a🏳', 'a…'],
  ['🏳', 1, '', '…'],
  ['', 0, '', ''],
])('%s, %d characters', (text, maxChars, first, cut) => {
  expect(firstChars(text, maxChars)).toBe(first)
  expect(cutText(text, maxChars)).toBe(cut)
})

test('what is cut is never longer, is a beginning, and has no half character', () => {
  const texts = fc.string({ unit: 'binary', maxLength: 30 })
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 30 }), (text, maxChars) => {
      for (const cut of [firstChars(text, maxChars), cutText(text, maxChars)]) {
        expect(cut.length).toBeLessThanOrEqual(maxChars)
        expect(cut.isWellFormed()).toBe(true)
        expect(text.startsWith(cut.replace(/…$/, ''))).toBe(true)
      }
    }),
  )
})
