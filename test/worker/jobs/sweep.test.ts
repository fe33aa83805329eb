import { afterEach, expect, jest, test } from '@jest/globals'
import type { ChatAdapter } from '#core/ports/chat'
import type { Run } from '#core/runs/run'
import { defaultTiming } from '#core/util/default-timings'
import type { WorkerContext } from '#src/worker/context'
import { createSweep } from '#src/worker/jobs/sweep'
import { memoryStore } from '#test/fakes/store'
import { sampleRequest, sampleRun, silentLog } from '#test/samples/run'

afterEach(() => void jest.restoreAllMocks())

/** Returns a run that ended `seconds` ago, by the shared clock. */
function ended(id: string, seconds: number): Run {
  const at = new Date(Date.now() - seconds * 1_000).toISOString()
  const end = { reason: 'completed' as const, at, complete: true, exitCode: 0 }
  return sampleRun({ request: sampleRequest({ id }), state: 'ended', end })
}

function open() {
  const store = memoryStore()
  const recorded: string[] = []
  const delivered: string[] = []
  const pastHalfTime: number[] = []
  const context = {
    store,
    adapters: new Map([['console', { limits: { editInterval: 0 } } as unknown as ChatAdapter]]),
    clusters: new Map(),
    sessions: { all: async () => [], read: () => undefined },
    log: silentLog,
    now: () => new Date(),
    timing: defaultTiming,
    unrecorded: async (_what: string, runs: readonly string[]) => runs,
    observeApprovals: (count: number) => void pastHalfTime.push(count),
    audit: async (what: string, run: string) => void recorded.push(`${what} ${run}`),
  }
  const sweep = createSweep(context as unknown as WorkerContext, (run) => void delivered.push(run.id))
  /** Sweeps, `seconds` after the first time. */
  const begun = performance.now()
  const sweepAt = async (seconds: number) => {
    jest.spyOn(performance, 'now').mockReturnValue(begun + seconds * 1_000)
    await sweep()
  }
  return { store, recorded, delivered, pastHalfTime, sweepAt }
}

test('a run’s end that was saved late, since Redis was unavailable, is left to its own worker for a while', async () => {
  const { store, recorded, delivered, sweepAt } = open()
  await store.addRun(ended('old', 300))
  await store.addRun(ended('new', 60))
  // All sweeps that waited for Redis happen at once when it is back.
  for (const seconds of [0, 0, 9]) await sweepAt(seconds)
  expect([recorded, delivered]).toEqual([[], []])
  await sweepAt(15)
  expect([recorded, delivered]).toEqual([['ended old'], ['old']])
  // The result is being delivered; other workers don't start to deliver it during that time.
  await sweepAt(30)
  expect(delivered).toEqual(['old'])
})

test('a result that its own worker delivers meanwhile isn’t delivered again', async () => {
  const { store, recorded, delivered, sweepAt } = open()
  await store.addRun(ended('own', 300))
  await sweepAt(0)
  await store.changeRun('own', (now) => ({ ...now, toldAt: new Date().toISOString() }))
  await sweepAt(15)
  expect([recorded, delivered]).toEqual([[], []])
  expect(await store.openRuns()).toEqual([])
})

test('counts the undecided requests that have less than half of their time left', async () => {
  const { store, pastHalfTime, sweepAt } = open()
  const rule = { from: ['group:leads'], quorum: 1, within: 900, reason: 'optional' as const }
  for (const [id, secondsLeft] of Object.entries({ early: 800, late: 400 })) {
    const expiresAt = new Date(Date.now() + secondsLeft * 1_000).toISOString()
    const approval = { specHash: '', rule, requester: 'alice@example.com', expiresAt, reviews: [], cards: [] }
    await store.addRun(sampleRun({ request: sampleRequest({ id }), state: 'asking', approval }))
  }
  await sweepAt(0)
  expect(pastHalfTime).toEqual([1])
})
