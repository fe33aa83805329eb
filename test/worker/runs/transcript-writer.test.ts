import { expect, test } from '@jest/globals'
import type { AppendStep } from '#core/output/transcript-state'
import type { Run } from '#core/runs/run'
import { defaultTiming } from '#core/util/default-timings'
import type { WorkerContext } from '#src/worker/context'
import { openTranscriptWriter } from '#src/worker/runs/transcript-writer'
import { sampleRun, silentLog } from '#test/samples/run'

const noBytes = { bytes: 0, rest: '' }

async function openWriter(context: WorkerContext, run: Run) {
  const writer = await openTranscriptWriter(context, run)
  if (writer === 'broken') throw new Error('the stored output is broken')
  return writer
}

/** Opens a transcript writer with the part of the context that it uses; `answer` is the store's. */
function open(answer: (step: AppendStep) => Promise<'kept' | 'taken' | 'differs'> = async () => 'kept') {
  const steps: AppendStep[] = []
  const run = sampleRun()
  const store = {
    async appendTranscript(_id: string, step: AppendStep) {
      const result = await answer(step)
      if (result === 'kept') steps.push(step)
      return result
    },
  }
  const context = {
    store,
    log: silentLog,
    rules: () => ({ redact: [] }),
    timing: { ...defaultTiming, saveRetryMs: 20 },
  } as unknown as WorkerContext
  let seq = 0
  const chunk = (text: string) => {
    seq += 1
    const upTo = { next: seq, at: '2026-11-23T03:00:00.000Z', stdout: noBytes, stderr: noBytes }
    return { seq: seq - 1, stream: 'stdout' as const, at: upTo.at, text, upTo }
  }
  const all = () => steps.map(({ text }) => text).join('')
  return { context, run: { ...run, spec: { ...run.spec, maxOutputBytes: 1_000_000 } }, steps, chunk, all }
}

test('output is stored before the tool ends, and every step has the writer’s checkpoint', async () => {
  const { context, run, steps, chunk } = open()
  const recording = await openWriter(context, run)
  const { promise: saved, resolve } = Promise.withResolvers<void>()
  recording.onKept(() => resolve())
  await recording.add(chunk('one\ntw'))
  await saved
  expect(steps).toMatchObject([
    { size: 0, text: 'one\n', checkpoint: { point: { next: 1 }, transcript: { unfinished: { stdout: 'tw' } } } },
  ])
  await recording.add(chunk('o\nthree'))
  expect(await recording.finish()).toBe('kept')
  expect(steps.map(({ size, text }) => [size, text])).toEqual([
    [0, 'one\n'],
    [4, 'two\nthree'],
  ])
  expect(steps.at(-1)?.checkpoint.transcript.unfinished).toEqual({ stdout: '', stderr: '' })
  expect(recording.sha256()).toMatch(/^[0-9a-f]{64}$/)
})

test('a slow store slows the tool down: the text that waits is bounded', async () => {
  const { promise: slow, resolve: go } = Promise.withResolvers<void>()
  const { context, run, chunk, all } = open(async () => {
    await slow
    return 'kept'
  })
  const recording = await openWriter(context, run)
  let taken = 0
  const feeding = (async () => {
    for (; taken < 100; taken++) await recording.add(chunk(`${'x'.repeat(9_999)}\n`))
  })()
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(taken).toBeLessThan(70)
  go()
  await feeding
  await recording.finish()
  expect(all().length).toBe(1_000_000)
})

test('a full store loses nothing', async () => {
  let times = 0
  const { context, run, chunk, all } = open(async () => {
    times += 1
    if (times === 1) throw new Error('OOM command not allowed')
    return 'kept'
  })
  const recording = await openWriter(context, run)
  await recording.add(chunk('one\n'))
  expect(await recording.finish()).toBe('kept')
  expect(all()).toBe('one\n')
})

test('T21 a writer that the store refuses reports it, and stores nothing more', async () => {
  const { context, run, steps, chunk } = open(async ({ text }) => (text === 'one\n' ? 'kept' : 'taken'))
  const recording = await openWriter(context, run)
  await recording.add(chunk('one\n'))
  await new Promise<void>((resolve) => recording.onKept(() => resolve()))
  await recording.add(chunk('two\n'))
  expect(await recording.refused).toBe('taken')
  await recording.add(chunk('three\n'))
  expect(await recording.finish()).toBe('taken')
  expect(steps).toHaveLength(1)
})

test('T26 no more is stored than the run may write, even if sanitising makes the output longer', async () => {
  const { context, run, chunk, all } = open()
  const recording = await openWriter(context, run)
  for (let at = 0; at < 50; at++) await recording.add(chunk(`${'\u0001'.repeat(19_999)}\n`))
  await recording.finish()
  expect(recording.isFull()).toBe(true)
  expect(Buffer.byteLength(all())).toBeLessThanOrEqual(1_000_000 + 65_536)
  expect(all()).toMatch(/␁\n… \(the rest is not stored: .*\)\n$/)
})
