import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { emptyTranscript } from '#core/output/transcript-builder'
import type { AppendStep } from '#core/output/transcript-state'
import type { Transcripts } from '#core/ports/transcripts'
import { connectRedis } from '#src/redis/connection'
import { createSigner } from '#src/redis/hmac-signer'
import { redisTranscriptStore } from '#src/redis/store/transcript-store'
import { useRedis } from '#test/environment/redis'
import { whole } from '#test/environment/store'
import { silentLog } from '#test/samples/run'

const redis = useRedis()
let store: Transcripts
let connection: ReturnType<typeof connectRedis>

beforeAll(() => {
  connection = connectRedis(redis.url(), silentLog)
  store = redisTranscriptStore(connection, { signer: createSigner('a key'), prefix: 'retina', report: () => undefined })
})
afterAll(() => connection.disconnect())

function step(size: number, text: string, change: Partial<AppendStep> = {}): AppendStep {
  const stream = { bytes: 0, rest: '' }
  const point = { next: size, at: '2026-11-23T03:00:00.000Z', stdout: stream, stderr: stream }
  return { writer: 'one', size, text, checkpoint: { transcript: emptyTranscript, point }, ...change }
}

async function all(id: string): Promise<string> {
  let text = ''
  for await (const piece of store.transcriptPieces(id)) text += piece
  return text
}

test('a transcript grows, and its writer’s checkpoint is stored with it', async () => {
  expect(await store.appendTranscript('grows', step(0, 'line\n'))).toBe('kept')
  expect(await store.appendTranscript('grows', step(5, 'grün ✓\n'))).toBe('kept')
  expect(await store.transcript('grows', 100)).toBe('line\ngrün ✓\n')
  const taken = await store.takeTranscript('grows', 'two')
  expect(taken).toMatchObject({ size: 15, tail: 'line\ngrün ✓\n', checkpoint: { point: { next: 5 } } })
})

test('a run without output has no transcript', async () => {
  expect(await store.transcript('unknown', 100)).toBe('')
  expect(await all('unknown')).toBe('')
  expect(await store.takeTranscript('unknown', 'one')).toEqual({ size: 0, tail: '' })
  expect(await store.storedOutput('none')).toMatchObject({ whole: true, head: '', tail: '', size: 0, lines: 0 })
})

test('T21 a worker that is wrongly considered dead can’t write once another has taken over', async () => {
  await store.appendTranscript('zombie', step(0, 'a\n'))
  const { size = 0 } = whole(await store.takeTranscript('zombie', 'two')) ?? {}
  // It is refused even where the text has the length that this writer expects.
  expect(await store.appendTranscript('zombie', step(2, 'b\n'))).toBe('taken')
  expect(await store.appendTranscript('zombie', step(size, 'B\n', { writer: 'two' }))).toBe('kept')
  expect(await store.appendTranscript('zombie', step(4, 'c\n'))).toBe('taken')
  expect(await store.transcript('zombie', 100)).toBe('a\nB\n')
  await store.takeTranscript('fresh', 'two')
  expect(await store.appendTranscript('fresh', step(0, 'a\n'))).toBe('taken')
})

test('a transcript of another length than its writer expects isn’t changed, nor is its state', async () => {
  await store.appendTranscript('other', step(0, 'a\n'))
  expect(await store.appendTranscript('other', step(7, 'b\n'))).toBe('differs')
  expect(await store.takeTranscript('other', 'x')).toMatchObject({ size: 2, checkpoint: { point: { next: 0 } } })
  expect(await store.appendTranscript('lost', step(7, 'b\n'))).toBe('differs')
  expect(await store.transcript('lost', 100)).toBe('')
})

test('a step that is sent twice over a broken connection counts once', async () => {
  await store.appendTranscript('twice', step(0, 'a\n'))
  expect(await store.appendTranscript('twice', step(2, 'b\n'))).toBe('kept')
  expect(await store.appendTranscript('twice', step(2, 'b\n'))).toBe('kept')
  expect(await store.transcript('twice', 100)).toBe('a\nb\n')
})

test('of twenty concurrent writers one succeeds', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_each, at) => store.appendTranscript('race', step(0, `${at}\n`, { writer: `w${at}` }))),
  )
  expect(answers.filter((answer) => answer === 'kept')).toHaveLength(1)
  expect(await store.transcript('race', 100)).toMatch(/^\d+\n$/)
})

test('a large transcript is read as beginning and end in complete lines, or in pieces; as a whole only if it fits', async () => {
  const line = `${'grün✓'.repeat(20)}\n`
  const text = Array.from({ length: 20_000 }, (_each, at) => `${at} ${line}`).join('')
  const counts = { lines: 20_000, bytes: 7, redacted: 3 }
  const checkpoint = { transcript: { ...emptyTranscript, ...counts }, sha256: 'abc' }
  await store.appendTranscript('large', step(0, text, { checkpoint }))
  const stored = await store.storedOutput('large')
  expect(stored).toMatchObject({ ...counts, whole: false, size: Buffer.byteLength(text), sha256: 'abc' })
  expect(text.startsWith(stored.head) && stored.head.endsWith('\n')).toBe(true)
  expect(text.endsWith(`\n${stored.tail}`)).toBe(true)
  expect(stored.head.length + stored.tail.length).toBeGreaterThan(100_000)
  expect(await all('large')).toBe(text)
  expect(await store.transcript('large', 1_000_000)).toBeUndefined()
  expect(await store.transcript('large', 10_000_000)).toBe(text)
})
