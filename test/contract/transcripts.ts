import { describe, expect, test } from '@jest/globals'
import { emptyTranscript } from '#core/output/transcript-builder'
import type { AppendStep } from '#core/output/transcript-state'
import type { Transcripts } from '#core/ports/transcripts'

function step(size: number, text: string, change: Partial<AppendStep> = {}): AppendStep {
  const stream = { bytes: 0, rest: '' }
  const point = { next: size, at: '2026-11-23T03:00:00.000Z', stdout: stream, stderr: stream }
  return { writer: 'one', size, text, checkpoint: { transcript: emptyTranscript, point }, ...change }
}

async function whole(store: Transcripts, id: string): Promise<string> {
  let text = ''
  for await (const piece of store.transcriptPieces(id)) text += piece
  return text
}

/** Tests what every store of outputs has to do. */
export function transcriptsContract(name: string, open: () => Promise<{ store: Transcripts }>): void {
  describe(`${name} meets the contract of outputs`, () => {
    test('an output grows, and its writer’s checkpoint is stored with it', async () => {
      const { store } = await open()
      expect(await store.appendTranscript('a', step(0, 'line\n'))).toBe('kept')
      expect(await store.appendTranscript('a', step(5, 'grün ✓\n'))).toBe('kept')
      expect(await store.transcript('a', 100)).toBe('line\ngrün ✓\n')
      expect(await store.transcript('a', 10)).toBeUndefined()
      expect(await store.takeTranscript('a', 'two')).toMatchObject({
        ...{ size: 15, tail: 'line\ngrün ✓\n', checkpoint: { point: { next: 5 } } },
      })
    })

    test('a run that wrote nothing has an empty output', async () => {
      const { store } = await open()
      expect(await store.transcript('a', 100)).toBe('')
      expect(await whole(store, 'a')).toBe('')
      expect(await store.storedOutput('a')).toMatchObject({ whole: true, head: '', tail: '', size: 0, lines: 0 })
      expect(await store.takeTranscript('a', 'one')).toEqual({ size: 0, tail: '' })
    })

    test('T21 a writer whose output was taken over writes nothing more', async () => {
      const { store } = await open()
      await store.appendTranscript('a', step(0, 'a\n'))
      await store.takeTranscript('a', 'two')
      expect(await store.appendTranscript('a', step(2, 'b\n'))).toBe('taken')
      expect(await store.appendTranscript('a', step(2, 'B\n', { writer: 'two' }))).toBe('kept')
      expect(await store.appendTranscript('a', step(4, 'c\n'))).toBe('taken')
      expect(await store.transcript('a', 100)).toBe('a\nB\n')
    })

    test('an output of another length than its writer expects isn’t changed; a repeated step counts once', async () => {
      const { store } = await open()
      await store.appendTranscript('a', step(0, 'a\n'))
      expect(await store.appendTranscript('a', step(7, 'b\n'))).toBe('differs')
      expect(await store.appendTranscript('lost', step(7, 'b\n'))).toBe('differs')
      for (let times = 0; times < 2; times += 1) expect(await store.appendTranscript('a', step(2, 'b\n'))).toBe('kept')
      expect(await store.transcript('a', 100)).toBe('a\nb\n')
    })

    test('of a large output a message gets its beginning and its end, in complete lines', async () => {
      const { store } = await open()
      const text = Array.from({ length: 20_000 }, (_each, at) => `${at} ${'grün✓'.repeat(20)}\n`).join('')
      const counts = { lines: 20_000, bytes: 7, redacted: 3 }
      const checkpoint = { transcript: { ...emptyTranscript, ...counts }, sha256: 'abc' }
      await store.appendTranscript('a', step(0, text, { checkpoint }))
      const { head, tail, ...stored } = await store.storedOutput('a')
      expect(stored).toMatchObject({ ...counts, whole: false, size: Buffer.byteLength(text), sha256: 'abc' })
      expect([text.startsWith(head), head.endsWith('\n'), text.endsWith(`\n${tail}`)]).toEqual([true, true, true])
      expect(await whole(store, 'a')).toBe(text)
    })
  })
}
