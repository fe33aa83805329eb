import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isProven, newNonce, toBrowserKey } from '#src/terminal/proof'
import { decodeInward, encodeData } from '#src/terminal/wire'
import { sampleBrowserKey } from '#test/samples/browser-key'

const json = (value: unknown) => decodeInward(Buffer.from(JSON.stringify(value)), false)
const size = { cols: 80, rows: 24 }

test('messages of a browser are read; sizes are clamped', () => {
  expect(json({ type: 'hello', id: 'abcdefgh2345', proof: 'p', size, from: 7 })).toEqual({
    type: 'hello',
    id: 'abcdefgh2345',
    proof: 'p',
    size,
    from: 7,
  })
  expect(json({ type: 'hello', id: 'abcdefgh2345', proof: 'p', size, from: -1 })).not.toHaveProperty('from')
  expect(json({ type: 'size', size: { cols: 0, rows: 100_000 } })).toEqual({
    type: 'size',
    size: { cols: 1, rows: 1_000 },
  })
  expect(json({ type: 'ack', upTo: 3 })).toEqual({ type: 'ack', upTo: 3 })
  expect(json({ type: 'end' })).toEqual({ type: 'end' })
})

test.each([
  ['no object', 7],
  ['null', null],
  ['an unknown type', { type: 'other' }],
  ['a hello without a proof', { type: 'hello', id: 'abcdefgh2345', size }],
  ['a hello with an id that is none', { type: 'hello', id: '../x', proof: 'p', size }],
  ['a size that is none', { type: 'size', size: { cols: 1.5, rows: 2 } }],
  ['an acknowledgement beyond integers', { type: 'ack', upTo: 1e300 }],
])('%s is not understood', (_what, value) => {
  expect(json(value)).toBeUndefined()
})

test('bytes keep their number in both directions, and nothing that arrives throws', () => {
  fc.assert(
    fc.property(fc.nat(), fc.uint8Array({ minLength: 1 }), (from, bytes) => {
      expect(decodeInward(encodeData(from, bytes), true)).toEqual({ type: 'input', from, bytes: Buffer.from(bytes) })
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array(), fc.boolean(), (bytes, isBinary) => {
      decodeInward(Buffer.from(bytes), isBinary)
    }),
  )
})

test('T30 a proof is valid for its site, its session and its nonce alone', () => {
  const { key: coordinates, prove } = sampleBrowserKey()
  const key = toBrowserKey(coordinates) ?? { x: '', y: '' }
  const what = { origin: 'https://a.example', id: 'abcdefgh2345', nonce: newNonce() }
  expect(isProven(key, what, prove(what))).toBe(true)
  for (const other of [{ origin: 'https://b.example' }, { id: 'bbcdefgh2345' }, { nonce: newNonce() }])
    expect(isProven(key, what, prove({ ...what, ...other }))).toBe(false)
  for (const text of ['', 'x', prove(what).slice(2)]) expect(isProven(key, what, text)).toBe(false)
  expect(isProven({ x: 'no', y: 'key' }, what, prove(what))).toBe(false)
})

test('only points on the curve are keys', () => {
  for (const value of [undefined, null, {}, { x: 1, y: 2 }, { x: 'a'.repeat(43), y: 'b'.repeat(43) }, { x: '', y: '' }])
    expect(toBrowserKey(value)).toBeUndefined()
})
