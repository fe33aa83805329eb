import { expect, test } from '@jest/globals'
import {
  createFrameSplitter,
  deriveDirections,
  type FrameDirection,
  frameKinds,
  numbered,
  type ReceivedFrame,
  readNumber,
} from '#src/kubernetes/terminal/session-frames'
import { seededRandom } from '#test/chaos/random'

const key = Buffer.alloc(32, 7)
const nonces = Buffer.alloc(32, 9)
const derive = () => deriveDirections(key, 'aaaaaaaaaaaa', nonces)

/** Returns the frames of bytes that arrive in these pieces. */
function split(bytes: Buffer, sizes: () => number): ReceivedFrame[] {
  const splitter = createFrameSplitter()
  const frames: ReceivedFrame[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = sizes()
    frames.push(...(splitter.push(bytes.subarray(at, at + size)) ?? []))
    at += size
  }
  return frames
}

const checkAll = (direction: FrameDirection, frames: readonly ReceivedFrame[]) =>
  frames.map((frame) => direction.check(frame))

test('frames are read as they were written, wherever the bytes are cut', () => {
  const random = seededRandom(51)
  for (let round = 0; round < 200; round += 1) {
    const contents = Array.from({ length: random.between(1, 12) }, () =>
      Buffer.from(Array.from({ length: random.between(0, 300) }, () => random.between(0, 255))),
    )
    const writer = derive().output
    const bytes = Buffer.concat(contents.map((content) => writer.sign(frameKinds.output, content)))
    const largest = random.between(1, 400)
    const frames = split(bytes, () => random.between(1, largest))
    expect(checkAll(derive().output, frames)).toEqual(contents)
  }
})

test('the largest frame is read, and a longer one makes the rest unreadable', () => {
  const content = Buffer.alloc(64 * 1_024, 1)
  expect(
    checkAll(
      derive().input,
      split(derive().input.sign(frameKinds.input, content), () => 1_000),
    ),
  ).toEqual([content])
  const tooLong = Buffer.alloc(9, 0)
  tooLong.writeUInt32BE(64 * 1_024 + 18)
  expect(createFrameSplitter().push(tooLong)).toBeUndefined()
  expect(createFrameSplitter().push(Buffer.alloc(9, 0))).toBeUndefined()
})

test('T51 a frame with one changed bit, wherever, is refused', () => {
  const content = numbered(42, Buffer.from('typed'))
  const [frame] = split(derive().input.sign(frameKinds.input, content), () => 1_000)
  const { kind, rest } = frame ?? { kind: 0, rest: Buffer.alloc(0) }
  for (let bit = 0; bit < rest.length * 8; bit += 1) {
    const changed = Buffer.from(rest)
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
    expect(derive().input.check({ kind, rest: changed })).toBeUndefined()
  }
  expect(derive().input.check({ kind: frameKinds.output, rest })).toBeUndefined()
  expect(derive().input.check({ kind, rest })).toEqual(content)
})

test('T51 a frame is refused a second time, out of its order, in the other direction, and in another connection', () => {
  const writer = derive().output
  const frames = split(
    Buffer.concat(['one', 'two'].map((text) => writer.sign(frameKinds.output, Buffer.from(text)))),
    () => 1_000,
  )
  const [one, two] = frames
  if (one === undefined || two === undefined) throw new Error('there are not two frames')
  expect(checkAll(derive().output, [one, one])).toEqual([Buffer.from('one'), undefined])
  expect(checkAll(derive().output, [two])).toEqual([undefined])
  expect(checkAll(derive().input, [one])).toEqual([undefined])
  for (const other of [
    deriveDirections(Buffer.alloc(32, 8), 'aaaaaaaaaaaa', nonces),
    deriveDirections(key, 'aaaaaaaaaaab', nonces),
    deriveDirections(key, 'aaaaaaaaaaaa', Buffer.alloc(32, 1)),
  ])
    expect(checkAll(other.output, [one])).toEqual([undefined])
})

test('any bytes are refused or incomplete: nothing is read from them, and nothing is thrown', () => {
  const random = seededRandom(7)
  for (let round = 0; round < 2_000; round += 1) {
    const bytes = Buffer.from(Array.from({ length: random.between(0, 80) }, () => random.between(0, 255)))
    // Small lengths, so that frames are complete.
    if (bytes.length > 4) bytes.writeUInt32BE(random.between(0, 40))
    for (const frame of createFrameSplitter().push(bytes) ?? []) expect(derive().output.check(frame)).toBeUndefined()
  }
})

test('numbers are read up to the largest safe one', () => {
  for (const number of [0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) expect(readNumber(numbered(number))).toBe(number)
  expect(readNumber(Buffer.alloc(8, 0xff))).toBeUndefined()
  expect(readNumber(Buffer.alloc(7))).toBeUndefined()
})
