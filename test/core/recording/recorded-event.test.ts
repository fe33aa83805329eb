import { expect, test } from '@jest/globals'
import { decodeEvent, encodeEvent } from '#core/recording/recorded-event'
import { packSegment, unpackSegment } from '#core/recording/segment-format'

test('an event is read as it was written; other bytes are none', () => {
  const event = { at: 12_345, code: 'o' as const, from: 2 ** 40, data: new Uint8Array([0, 255, 27]) }
  expect(decodeEvent(encodeEvent(event))).toEqual(event)
  expect(decodeEvent(new Uint8Array(16))).toBeUndefined()
  expect(decodeEvent(new Uint8Array(20).fill(9))).toBeUndefined()
})

test('a segment holds its events; one that is cut or has a wrong length is refused', () => {
  const events = [new Uint8Array([1]), new Uint8Array(), new Uint8Array([2, 3])]
  const bytes = packSegment(events)
  expect(unpackSegment(bytes)?.map((each) => [...each])).toEqual([[1], [], [2, 3]])
  expect(unpackSegment(bytes.subarray(0, -1))).toBeUndefined()
  expect(unpackSegment(bytes.subarray(0, 2))).toBeUndefined()
  expect(unpackSegment(bytes.with(0, 255))).toBeUndefined()
})
