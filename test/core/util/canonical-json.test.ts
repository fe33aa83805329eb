import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { canonicalJson } from '#core/util/canonical-json'

/** Returns the canonical JSON as it was first defined: hashes of old audit records and signatures are verified for years. */
function asDefined(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}

test('any value has the text of the original definition', () => {
  fc.assert(
    fc.property(fc.anything({ key: fc.oneof(fc.string(), fc.nat().map(String)), maxDepth: 4 }), (value) => {
      let right: string | undefined
      try {
        right = asDefined(value)
      } catch {
        return
      }
      expect(canonicalJson(value)).toBe(right)
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  [{ b: 1, a: { d: [undefined, { z: 1, y: undefined }], c: 'x' } }, '{"a":{"c":"x","d":[null,{"z":1}]},"b":1}'],
  [{ b: 1, '10': 2, '9': 3, '09': 4 }, '{"9":3,"10":2,"09":4,"b":1}'],
  ['text', '"text"'],
])('%j', (value, text) => {
  expect(canonicalJson(value)).toBe(text)
})
