import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { OutputChunk } from '#core/ports'
import { openTranscript, viewText } from '#core/transcript'

function chunk(text: string, stream: OutputChunk['stream'] = 'stdout'): OutputChunk {
  return { seq: 0, stream, at: '2026-11-23T03:00:00.000Z', text }
}

test('half lines of the two streams never stand inside each other', () => {
  const transcript = openTranscript()
  transcript.add(chunk('PING one'))
  transcript.add(chunk('warning: ', 'stderr'))
  transcript.add(chunk(' two\n'))
  transcript.add(chunk('slow\n', 'stderr'))
  expect(transcript.text()).toBe('PING one two\nwarning: slow\n')
})

test('a line without an end is shown as it stands, and once', () => {
  const transcript = openTranscript()
  transcript.add(chunk('a\nYour name: '))
  expect(transcript.view(100).tail).toBe('a\nYour name: ')
  expect(transcript.text()).toBe('a\nYour name: ')
  transcript.add(chunk('b\n'))
  expect(transcript.text()).toBe('a\nYour name: b\n')
})

test('an escape code cut in two by chunks is still one, and harmless', () => {
  const transcript = openTranscript()
  transcript.add(chunk('\u001b[3'))
  transcript.add(chunk('1mred\r'))
  transcript.add(chunk('\n'))
  expect(transcript.text()).toBe('red\n')
})

test('the view holds the newest whole lines and counts the others', () => {
  const transcript = openTranscript()
  for (let line = 1; line <= 1_000; line++) transcript.add(chunk(`line ${line}\n`))
  const view = transcript.view(30)
  expect(view).toEqual({
    tail: 'line 998\nline 999\nline 1000',
    linesBefore: 997,
    lines: 1_000,
    bytes: 8_893,
    redacted: 0,
  })
})

test('of a line longer than the view the end is seen', () => {
  const transcript = openTranscript()
  transcript.add(chunk(`${'x'.repeat(100_000)}the end\n`))
  const view = transcript.view(20)
  expect(view.tail).toBe(`…${'x'.repeat(12)}the end`)
  expect(view.lines).toBe(1)
})

test('a cut never leaves half an emoji', () => {
  const view = viewText('🎉🎉🎉🎉', 4)
  expect(view.tail).toBe('…🎉')
})

test('bytes are those of UTF-8', () => {
  const transcript = openTranscript()
  transcript.add(chunk('aé€🎉\n'))
  expect(transcript.view(100).bytes).toBe(1 + 2 + 3 + 4 + 1)
})

test('however text is cut into chunks, the same transcript comes of it', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\t', '\r', '\u001b', '[0m', '🎉') })
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(50)), (lines, cuts) => {
      const text = lines.map((each) => `${each}\n`).join('')
      const whole = openTranscript()
      whole.add(chunk(text))
      const cut = openTranscript()
      let at = 0
      for (const length of cuts) {
        cut.add(chunk(text.slice(at, at + length)))
        at += length
      }
      cut.add(chunk(text.slice(at)))
      expect(cut.text()).toBe(whole.text())
      // Half a surrogate pair, as this test cuts them, has another length in bytes.
      expect(cut.view(40)).toEqual({ ...whole.view(40), bytes: cut.view(40).bytes })
    }),
  )
})

test('a finished text that fits is shown whole; else its beginning and its end, in whole lines, within the room', () => {
  expect(viewText('a\nb\n', 10)).toEqual({ tail: 'a\nb', linesBefore: 0, lines: 2, bytes: 4, redacted: 0 })
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 12 }).map((line) => line.replaceAll('\n', ' '))),
      fc.integer({ min: 20, max: 60 }),
      (lines, room) => {
        const { head, tail, linesBefore, lines: count } = viewText(lines.map((line) => `${line}\n`).join(''), room)
        const first = head?.split('\n') ?? []
        expect(lines.slice(0, first.length)).toEqual(first)
        if (!tail.startsWith('…') && lines.length > 0) expect(lines.slice(linesBefore)).toEqual(tail.split('\n'))
        expect((head ?? '').length + tail.length).toBeLessThanOrEqual(room)
        expect(first.length).toBeLessThanOrEqual(linesBefore)
        expect(count).toBe(lines.length)
      },
    ),
  )
})
