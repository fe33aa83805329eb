import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { viewStored, viewText } from '#core/output/output-view'
import { createRedactor } from '#core/output/redact'
import { createTranscript } from '#core/output/transcript-builder'
import type { OutputChunk, TranscriptState } from '#core/output/transcript-state'
import { finishedText } from '#test/samples/finished-text'

function chunk(text: string, stream: OutputChunk['stream'] = 'stdout') {
  return { stream, text }
}

test('partial lines of the two streams are never mixed', () => {
  const transcript = createTranscript()
  transcript.add(chunk('PING one'))
  transcript.add(chunk('warning: ', 'stderr'))
  transcript.add(chunk(' two\n'))
  transcript.add(chunk('slow\n', 'stderr'))
  expect(finishedText(transcript)).toBe('PING one two\nwarning: slow\n')
})

test('an incomplete line is shown as it is, and once', () => {
  const transcript = createTranscript()
  transcript.add(chunk('a\nYour name: '))
  expect(transcript.view(100).tail).toBe('a\nYour name: ')
  transcript.add(chunk('b\n'))
  expect(finishedText(transcript)).toBe('a\nYour name: b\n')
})

test('an escape code split over two chunks is recognised, and harmless', () => {
  const transcript = createTranscript()
  transcript.add(chunk('\u001b[3'))
  transcript.add(chunk('1mred\r'))
  transcript.add(chunk('\n'))
  expect(finishedText(transcript)).toBe('red\n')
})

test('the view has the newest complete lines and counts the others', () => {
  const transcript = createTranscript()
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

test('the view shows the end of a line longer than itself', () => {
  const transcript = createTranscript()
  transcript.add(chunk(`${'x'.repeat(100_000)}the end\n`))
  const view = transcript.view(20)
  expect(view.tail).toBe(`…${'x'.repeat(12)}the end`)
  expect(view.lines).toBe(1)
})

test('a cut never leaves half an emoji', () => {
  const view = viewText('🎉🎉🎉🎉', 4)
  expect(view.tail).toBe('…🎉')
})

test('bytes are counted in UTF-8', () => {
  const transcript = createTranscript()
  transcript.add(chunk('aé€🎉\n'))
  expect(transcript.view(100).bytes).toBe(1 + 2 + 3 + 4 + 1)
})

test('the transcript is the same however the text is split into chunks', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\t', '\r', '\u001b', '[0m', '🎉') })
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(50)), (lines, cuts) => {
      const text = lines.map((each) => `${each}\n`).join('')
      const whole = createTranscript()
      whole.add(chunk(text))
      const cut = createTranscript()
      let at = 0
      for (const length of cuts) {
        cut.add(chunk(text.slice(at, at + length)))
        at += length
      }
      cut.add(chunk(text.slice(at)))
      // The chunks of this test may cut a surrogate pair, whose halves have a different length in bytes.
      expect(cut.view(40)).toEqual({ ...whole.view(40), bytes: cut.view(40).bytes })
      expect(finishedText(cut)).toBe(finishedText(whole))
    }),
  )
})

test('a transcript that another worker continues from any point is the same as without the change, redactions included', () => {
  const piece = fc.constantFrom(
    ...['a', 'b\n', '\n', '\r', '\u001b[3', '1m', '🎉', 'é\n', 'pass', 'word=hun', 'ter2 ', 'x '],
    ...['-----BEGIN PRIVATE KEY-----\n', 'MIIE', 'AAAA\n', '-----END PRIVATE ', 'KEY-----\n', 'id ACME-', '1234\n'],
  )
  const stream = fc.constantFrom('stdout' as const, 'stderr' as const)
  const chunks = fc.array(fc.record({ stream, text: piece }), { maxLength: 40 })
  const open = (from?: TranscriptState, shown?: string) =>
    createTranscript((open) => createRedactor(['ACME-[0-9]{4}'], open), from, shown)
  fc.assert(
    fc.property(chunks, fc.array(fc.nat(40), { maxLength: 4 }), (all, cuts) => {
      const uncut = open()
      let transcript = open()
      let stored = ''
      for (const [at, each] of all.entries()) {
        if (cuts.includes(at)) {
          stored += transcript.take()
          const state = JSON.parse(JSON.stringify(transcript.state())) as TranscriptState
          transcript = open(state, stored)
        }
        uncut.add(each)
        transcript.add(each)
      }
      expect(transcript.view(30)).toEqual(uncut.view(30))
      expect(stored + finishedText(transcript)).toBe(finishedText(uncut))
      expect(transcript.state()).toEqual(uncut.state())
    }),
    { numRuns: 1_000 },
  )
})

test('memory grows only with text that hasn’t been taken, however much is written', () => {
  const transcript = createTranscript()
  let taken = 0
  for (let at = 0; at < 1_000; at++) {
    transcript.add(chunk(`${'x'.repeat(999)}\n`.repeat(10)))
    taken += transcript.take().length
  }
  expect(taken).toBe(10_000_000)
  expect(transcript.waiting()).toBe(0)
  expect(transcript.view(100_000).tail).toHaveLength(99_999)
  expect(JSON.stringify(transcript.state()).length).toBeLessThan(200)
})

test('T25 an endless line is broken at the same places for any chunks, and never inside a secret', () => {
  const secret = ` password=${'s'.repeat(3_000)} `
  for (const text of ['x'.repeat(500_000), `${'y'.repeat(129_000)}${secret}${'z'.repeat(90_000)}`]) {
    const whole = createTranscript()
    whole.add(chunk(text))
    const cut = createTranscript()
    for (let at = 0; at < text.length; at += 7_000) {
      cut.add(chunk(text.slice(at, at + 7_000)))
      expect(JSON.stringify(cut.state()).length).toBeLessThan(160_000)
    }
    const shown = finishedText(cut)
    expect(shown === finishedText(whole)).toBe(true)
    expect(shown.replaceAll('\n', '') === text.replace(/s{9,}/, '[redacted: password]')).toBe(true)
    expect(Math.max(...shown.split('\n').map((line) => line.length))).toBeLessThan(160_000)
  }
  const endless = createTranscript()
  endless.add(chunk(`password=${'s'.repeat(1_000_000)}`))
  expect(finishedText(endless).includes('sss')).toBe(false)
})

test('a finished text that fits is shown completely; otherwise its beginning and end, in complete lines, within the limit', () => {
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

test('beginning and end of a stored output give the same view as all of it', () => {
  const lines = Array.from({ length: 5_000 }, (_each, at) => `line ${at}\n`)
  const text = lines.join('')
  const counts = { lines: 5_000, bytes: text.length, redacted: 0 }
  const parts = { head: lines.slice(0, 300).join(''), tail: lines.slice(-300).join('') }
  expect(viewStored({ ...counts, ...parts, whole: false, size: text.length, digest: '' }, 500)).toEqual(
    viewText(text, 500),
  )
})
