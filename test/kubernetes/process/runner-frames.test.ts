import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { frameReader } from '#src/kubernetes/process/runner-frames'

const at = 1_795_480_936_000

/** Returns the frames that the runner writes for these pieces of output. */
function framesOf(pieces: readonly { stream: 'o' | 'e'; bytes: Buffer }[], exit = 0): string[] {
  const lines = pieces.map(({ stream, bytes }, seq) => `${stream} ${seq} ${at + seq} ${bytes.toString('base64')}`)
  const sum = (stream: 'o' | 'e') => {
    const all = Buffer.concat(pieces.filter((each) => each.stream === stream).map(({ bytes }) => bytes))
    return { bytes: all.length, sha256: createHash('sha256').update(all).digest('hex') }
  }
  const trailer = { why: 'ended', exit, stages: [exit], frames: pieces.length, stdout: sum('o'), stderr: sum('e') }
  return [...lines, `x ${JSON.stringify(trailer)}`]
}

const text = (content: string, stream: 'o' | 'e' = 'o') => ({ stream, bytes: Buffer.from(content) })

function readAll(lines: readonly string[]) {
  const reader = frameReader()
  const chunks = lines.flatMap((line) => reader.read([line], true).chunks)
  return { reader, text: chunks.map((chunk) => chunk.text).join(''), chunks }
}

test('frames in order give the text, its streams and times, and the proof that it is complete', () => {
  const { reader, chunks } = readAll(framesOf([text('one\n'), text('oops\n', 'e'), text('two\n')], 3))
  expect(chunks.map(({ upTo: _upTo, ...chunk }) => chunk)).toEqual([
    { seq: 0, stream: 'stdout', at: new Date(at).toISOString(), text: 'one\n' },
    { seq: 1, stream: 'stderr', at: new Date(at + 1).toISOString(), text: 'oops\n' },
    { seq: 2, stream: 'stdout', at: new Date(at + 2).toISOString(), text: 'two\n' },
  ])
  expect(reader.gap()).toBeUndefined()
  expect(reader.trailer()).toMatchObject({ why: 'ended', exit: 3 })
})

test('a log that is read again after a cut repeats lines: each counts once', () => {
  const lines = framesOf([text('a'), text('b'), text('c')])
  const { reader, text: all } = readAll([...lines.slice(0, 2), ...lines])
  expect(all).toBe('abc')
  expect(reader.gap()).toBeUndefined()
})

test('a lost piece, a lost end and a changed piece are detected', () => {
  const lines = framesOf([text('a'), text('b'), text('c')])
  expect(readAll(lines.filter((_line, at) => at !== 1)).reader.gap()).toBe('part of the output was lost (1 piece)')
  expect(readAll(lines.filter((_line, at) => at !== 2)).reader.gap()).toBe('part of the output was lost (1 piece)')
  expect(readAll(lines.slice(0, 3)).reader.gap()).toBe('the end of the output was not received')
  const changed = lines.map((line) =>
    line.replace(Buffer.from('b').toString('base64'), Buffer.from('B').toString('base64')),
  )
  expect(readAll(changed).reader.gap()).toBe('stdout differs from what the tool wrote')
})

test('a character that is split over two pieces is decoded', () => {
  const bytes = Buffer.from('grün ✓ 🚀')
  const pieces = [...bytes].map((byte) => ({ stream: 'o' as const, bytes: Buffer.from([byte]) }))
  expect(readAll(framesOf(pieces)).text).toBe('grün ✓ 🚀')
})

test('lines that aren’t the runner’s are separated', () => {
  const { reader, text: all } = readAll(['exec /usr/local/bin/retina-run: no such file or directory'])
  expect(all).toBe('')
  expect(reader.strange()).toBe('exec /usr/local/bin/retina-run: no such file or directory')
})

test('pieces that arrive together are one chunk for each change of the stream', () => {
  const lines = framesOf([text('a'), text('b'), text('oops', 'e'), text('c'), text('d')])
  const { chunks } = frameReader().read(lines, true)
  expect(chunks.map(({ seq, stream, text: content, upTo }) => [seq, stream, content, upTo.next])).toEqual([
    [1, 'stdout', 'ab', 2],
    [2, 'stderr', 'oops', 3],
    [4, 'stdout', 'cd', 5],
  ])
})

test('a reader continues where another one was cut off: nothing is repeated or missing, and no character is split', () => {
  const piece = fc.record({
    stream: fc.constantFrom('o' as const, 'e' as const),
    bytes: fc.constantFrom(...[...Buffer.from('aé✓🚀\n')].map((byte) => Buffer.from([byte])), Buffer.from('word')),
  })
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 20 }), fc.nat(20), fc.nat(20), (pieces, cut, back) => {
      const lines = framesOf(pieces)
      const first = frameReader()
      const before = first.read(lines.slice(0, cut), true).chunks
      const point = before.at(-1)?.upTo
      const second = frameReader(point && (JSON.parse(JSON.stringify(point)) as typeof point))
      // The log is read again from somewhere before the cut.
      const { chunks, gap } = second.read(lines.slice(Math.max(0, (point?.next ?? 0) - back)), false)
      expect(gap).toBe(false)
      expect(second.gap()).toBeUndefined()
      const of = (list: typeof chunks, stream: string) =>
        list.flatMap((chunk) => (chunk.stream === stream ? [chunk.text] : [])).join('')
      const uncut = readAll(lines).chunks
      for (const stream of ['stdout', 'stderr']) expect(of([...before, ...chunks], stream)).toBe(of(uncut, stream))
    }),
  )
})

test('after a take-over, missing frames are detected too: in the newest part of a log first, then in all of it', () => {
  const lines = framesOf([text('a'), text('b'), text('c'), text('d')])
  const point = frameReader().read(lines.slice(0, 1), true).chunks[0]?.upTo
  const reader = frameReader(point)
  expect(reader.read(lines.slice(2), false)).toEqual({ chunks: [], gap: true })
  expect(reader.read(lines.slice(-1), false)).toEqual({ chunks: [], gap: true })
  expect(reader.trailer()).toBeUndefined()
  expect(reader.read(lines, true).chunks.map((chunk) => chunk.text)).toEqual(['bcd'])
  expect(reader.gap()).toBeUndefined()
  const loser = frameReader(point)
  loser.read(lines.slice(2), true)
  expect(loser.gap()).toBe('part of the output was lost (1 piece)')
  const shorter = frameReader(point)
  shorter.read(
    lines.map((line) => line.replace(Buffer.from('b').toString('base64'), '')),
    true,
  )
  expect(shorter.gap()).toBe('stdout differs from what the tool wrote')
})

test('any output, cut and repeated anywhere, is decoded as it was written', () => {
  const piece = fc.record({
    stream: fc.constantFrom('o' as const, 'e' as const),
    bytes: fc.uint8Array({ maxLength: 40 }),
  })
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(12), { maxLength: 4 }), (pieces, cuts) => {
      const made = pieces.map(({ stream, bytes }) => ({ stream, bytes: Buffer.from(bytes) }))
      const lines = framesOf(made)
      const { reader, chunks } = readAll([
        ...cuts.flatMap((cut) => lines.slice(0, Math.min(cut, lines.length - 1))),
        ...lines,
      ])
      expect(reader.gap()).toBeUndefined()
      const decoder = new TextDecoder()
      const stdout = made
        .filter(({ stream }) => stream === 'o')
        .map(({ bytes }) => decoder.decode(bytes, { stream: true }))
      expect(
        chunks
          .filter(({ stream }) => stream === 'stdout')
          .map((chunk) => chunk.text)
          .join(''),
      ).toBe(stdout.join(''))
    }),
  )
})
