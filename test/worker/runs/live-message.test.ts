import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import type { Message, MessagePart, ProgressMessage } from '#core/messages/message'
import type { ThreadRef } from '#core/messages/thread-ref'
import { type ChatAdapter, ChatError } from '#core/ports/chat'
import { createLiveMessage } from '#src/worker/runs/live-message'
import type { StoredRefs } from '#src/worker/runs/run-messages'
import { endedWith } from '#test/samples/messages'
import { silentLog } from '#test/samples/run'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

const account = { platform: 'slack' as const, team: 'T', user: 'U' }
const place = { platform: 'slack' as const, team: 'T', channel: 'C' }
const run = { message: { ...place, message: 'm1' }, request: { account, thread: place } }
const refs: StoredRefs = { saveMessage: async () => undefined, postOutputMessage: (post) => post() }
const options = { log: silentLog, refs, hasEnded: async () => false }

/** The platform's answer to one edit: accepts it (late), asks to slow down, or fails. */
type Answer = { taken: number } | { retryAfterMs: number } | { fails: number }
const answer: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({ taken: fc.nat(400) }),
  fc.record({ retryAfterMs: fc.integer({ min: 1, max: 30_000 }) }),
  fc.record({ fails: fc.nat(3_000) }),
)

/** Returns a thread whose platform gives these answers, and then accepts everything at once. */
function threadWith(answers: readonly Answer[]) {
  const left = [...answers]
  const taken: { at: number; text: string; part?: MessagePart }[] = []
  let busy = 0
  let maxConcurrent = 0
  const delay = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
  const request = async (_place: unknown, notice: Message) => {
    const next = left.shift() ?? { taken: 0 }
    busy += 1
    maxConcurrent = Math.max(maxConcurrent, busy)
    try {
      if ('retryAfterMs' in next) throw new ChatError('slow down', { retryAfterMs: next.retryAfterMs })
      await delay('fails' in next ? next.fails : next.taken)
      if ('fails' in next) throw new ChatError('HTTP 500')
      const part = 'part' in notice ? notice.part : undefined
      const text = notice.kind === 'ended' ? notice.output.tail : notice.kind
      taken.push({ at: Date.now(), text, ...(part === undefined ? {} : { part }) })
    } finally {
      busy -= 1
    }
  }
  const edit = request
  const post = async (thread: ThreadRef, notice: Message) => {
    await request(thread, notice)
    return { ...thread, message: 'm2' }
  }
  const limits = { outputChars: 3_000, editInterval: 1_000, fileBytes: 0 }
  return {
    adapter: { limits, edit, post, postDirect: post } as unknown as ChatAdapter,
    taken,
    atOnce: () => maxConcurrent,
  }
}

const progress = (tail: string): ProgressMessage => ({ ...endedWith(tail) })

type Taken = ReturnType<typeof threadWith>['taken']

/**
 * Shows progress and an ending with any timing of chunks and answers. Checks that the ending is delivered, and that a second lies between requests
 * after the first ones, whose number is `burst`; `check` gets what was accepted.
 */
async function forAnyTiming(
  shownRun: Parameters<typeof createLiveMessage>[1],
  progressAt: (at: number) => ProgressMessage,
  burst: number,
  check: (taken: Taken) => void,
): Promise<void> {
  const pace = fc.array(fc.nat(2_500), { maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(pace, fc.array(answer, { maxLength: 20 }), async (pauses, answers) => {
      const { adapter, taken, atOnce } = threadWith(answers)
      const report = createLiveMessage(adapter, shownRun, options)
      for (const [at, delay] of pauses.entries()) {
        report.update(() => progressAt(at), at === 0)
        await jest.advanceTimersByTimeAsync(delay)
      }
      let delivered: boolean | undefined
      void report.finish(endedWith('the ending')).then((value) => {
        delivered = value
      })
      await jest.advanceTimersByTimeAsync(30 * 60_000)
      expect(delivered).toBe(true)
      check(taken)
      // Two concurrent edits could arrive in the wrong order.
      expect(atOnce()).toBeLessThanOrEqual(1)
      // `at` is when the edit was accepted; it may have been in flight for up to 400 ms.
      for (const [from, { at }] of taken.entries()) {
        const spans = taken.slice(from + burst).map((later, more) => later.at - at - (more + 1) * 1_000)
        expect(spans.filter((spare) => spare < -400)).toEqual([])
      }
    }),
    { numRuns: 200 },
  )
}

test('for any timing of chunks and refusals, the message ends with the run’s result, with one edit a second after the first three', async () => {
  const progressAt = (at: number) => progress(`chunk ${at}`)
  await forAnyTiming(run, progressAt, 3, (taken) => {
    expect(taken.at(-1)?.text).toBe('the ending')
    expect(taken.filter(({ text }) => text === 'the ending')).toHaveLength(1)
  })
})

test('for any timing, both messages of a run end with its result, with one request a second for both of them after the first four', async () => {
  const progressAt = (at: number): ProgressMessage => {
    const { run: card, output } = endedWith(`chunk ${at}`)
    return { kind: 'running', run: card, output: { ...output, bytes: at + 1 }, elapsed: at }
  }
  await forAnyTiming({ ...run, threaded: true }, progressAt, 4, (taken) => {
    expect(taken.slice(-2)).toMatchObject([
      { text: 'the ending', part: 'thread' },
      { text: 'the ending', part: 'root' },
    ])
    // The message in the channel changes with the state only.
    expect(taken.filter(({ part }) => part === 'root').length).toBeLessThanOrEqual(2)
  })
})

test('the first output is shown at once, and the result of a tool that ends with it in the same edit', async () => {
  const slow = threadWith([])
  const report = createLiveMessage(slow.adapter, run, options)
  report.update(() => progress('starting'))
  await jest.advanceTimersByTimeAsync(700)
  report.update(() => progress('first output'), true)
  await jest.advanceTimersByTimeAsync(20)
  expect(slow.taken.map(({ text }) => text)).toEqual(['starting', 'first output'])
  void report.finish(endedWith('the ending'))
  await jest.advanceTimersByTimeAsync(20)
  expect(slow.taken.at(-1)?.text).toBe('the ending')

  const fast = threadWith([])
  const other = createLiveMessage(fast.adapter, run, options)
  other.update(() => progress('starting'))
  other.update(() => progress('all output'), true)
  await jest.advanceTimersByTimeAsync(2)
  void other.finish(endedWith('the ending'))
  await jest.advanceTimersByTimeAsync(20)
  expect(fast.taken.map(({ text }) => text)).toEqual(['the ending'])
})

test('output of a tool that pauses is shown, even if the first edit was refused', async () => {
  const { adapter, taken } = threadWith([{ retryAfterMs: 3_000 }, { fails: 10 }])
  const report = createLiveMessage(adapter, run, options)
  report.update(() => progress('the only chunk'))
  await jest.advanceTimersByTimeAsync(10_000)
  expect(taken.map(({ text }) => text)).toEqual(['the only chunk'])
  void report.finish(endedWith('the ending'))
  await jest.advanceTimersByTimeAsync(2_000)
  expect(taken.map(({ text }) => text)).toEqual(['the only chunk', 'the ending'])
})

test('an edit that the platform never accepts isn’t retried for ever', async () => {
  let tries = 0
  const edit = async () => {
    tries += 1
    throw new ChatError('message_not_found', { permanent: true })
  }
  const limits = { outputChars: 3_000, editInterval: 1_000, fileBytes: 0 }
  const adapter = { limits, edit, post: edit, postDirect: edit } as unknown as ChatAdapter
  const report = createLiveMessage(adapter, run, options)
  report.update(() => progress('a chunk'))
  await jest.advanceTimersByTimeAsync(60_000)
  expect(tries).toBe(1)
  const delivered = report.finish(endedWith('the ending'))
  await jest.advanceTimersByTimeAsync(60_000)
  expect(await delivered).toBe(false)
})

test('setting the wall clock back delays neither progress nor the result', async () => {
  const { adapter, taken } = threadWith([])
  const report = createLiveMessage(adapter, run, options)
  report.update(() => progress('first'), true)
  await jest.advanceTimersByTimeAsync(100)
  jest.setSystemTime(Date.now() - 3_600_000)
  report.update(() => progress('second'))
  await jest.advanceTimersByTimeAsync(2_000)
  void report.finish(endedWith('the ending'))
  await jest.advanceTimersByTimeAsync(2_000)
  expect(taken.map(({ text }) => text)).toEqual(['first', 'second', 'the ending'])
})
