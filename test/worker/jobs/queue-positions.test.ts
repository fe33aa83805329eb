import { expect, test } from '@jest/globals'
import type { Message } from '#core/messages/message'
import type { QueuePosition } from '#core/messages/queue-position'
import type { ChatAdapter } from '#core/ports/chat'
import type { Run } from '#core/runs/run'
import { defaultTiming } from '#core/util/default-timings'
import { messageLockMs, waitForMessageLock } from '#src/lifecycle/wait-for-queue-message-lock'
import type { WorkerContext } from '#src/worker/context'
import { updateQueuePositionsJob } from '#src/worker/jobs/queue-positions'
import { holdNextEdit } from '#test/fakes/chat'
import { fakeClock } from '#test/fakes/clock'
import { memoryStore } from '#test/fakes/store'
import { waitUntil } from '#test/flow/wait-for'
import { openContexts } from '#test/samples/contexts'
import { sampleRequest, sampleRun, silentLog } from '#test/samples/run'

function open(line: readonly QueuePosition[]) {
  const clock = fakeClock()
  const store = memoryStore(clock)
  const edits: Message[] = []
  let take: () => void = () => undefined
  const edit = (_message: unknown, notice: Message) => {
    edits.push(notice)
    return new Promise<void>((resolve) => {
      take = resolve
    })
  }
  const adapters = new Map([['console', { edit } as unknown as ChatAdapter]])
  const queue = { waitingList: async () => line }
  const context = {
    store,
    queue,
    adapters,
    now: () => new Date(),
    log: silentLog,
    hasInvalidSignature: () => false,
    timing: defaultTiming,
  }
  return { store, clock, edits, take: () => take(), context: context as unknown as WorkerContext }
}

const longAgo = new Date(Date.now() - 10_000).toISOString()
const waiting = (change: Partial<Run> = {}) =>
  sampleRun({ request: sampleRequest({ id: 'waits' }), queuedAt: longAgo, ...change })

test('a waiting run’s message shows its position once, while it stays the same', async () => {
  const { store, clock, context, edits, take } = open([{ run: 'waits', before: 2 }])
  await store.addRun(waiting())
  const looking = updateQueuePositionsJob(context)
  await waitUntil('the position is shown', () => edits.length === 1)
  expect(edits[0]).toMatchObject({ kind: 'queued', note: '2 runs are ahead of it.', progress: true })
  take()
  await looking
  clock.pass(60_000)
  await updateQueuePositionsJob(context)
  expect(edits).toHaveLength(1)
  expect(await store.run('waits')).not.toHaveProperty('tellingUntil')
})

test('a worker that starts the run meanwhile waits for the update of its position', async () => {
  const { store, context, edits, take } = open([{ run: 'waits', before: 0, busy: 'node' }])
  await store.addRun(waiting())
  const looking = updateQueuePositionsJob(context)
  await waitUntil('the position is being shown', () => edits.length === 1)
  const taken = await store.changeRun('waits', (now) => ({ ...now, state: 'starting' }))
  if (taken === undefined || taken === 'broken') throw new Error('no run')
  let free = false
  const unlocked = waitForMessageLock(context, taken).then(() => {
    free = true
  })
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(free).toBe(false)
  take()
  await Promise.all([looking, unlocked])
  expect(await store.run('waits')).toMatchObject({ state: 'starting' })
})

/** Opens contexts in which Alice's run r1 has waited long enough, and the edit with its position is held. */
async function openHeldEdit() {
  const all = openContexts()
  await all.say('alice', 'shell node001 dig x', { id: 'r1' })
  all.clock.pass(defaultTiming.waitingFirstMs)
  const { isSent, arrive } = holdNextEdit(all.chat)
  const looking = updateQueuePositionsJob(all.worker)
  await isSent
  return { ...all, arrive, looking }
}

test('T21 an edit that takes longer than its lock doesn’t replace the ending', async () => {
  const { chat, clock, work, arrive, looking } = await openHeldEdit()
  clock.pass(messageLockMs + 1)
  await work()
  const ending = structuredClone(chat.shown[0]?.message)
  expect(ending).toMatchObject({ kind: 'ended' })
  arrive()
  await looking
  expect(chat.shown[0]?.message).toEqual(ending)
})

test('an edit that takes longer than its lock leaves the lock of the next one', async () => {
  const { chat, clock, worker, saved, arrive, looking } = await openHeldEdit()
  clock.pass(messageLockMs + 1)
  const next = holdNextEdit(chat)
  const lookingToo = updateQueuePositionsJob(worker)
  await next.isSent
  arrive()
  await looking
  expect(await saved('r1')).toHaveProperty('tellingUntil')
  next.arrive()
  await lookingToo
  expect(await saved('r1')).not.toHaveProperty('tellingUntil')
})

test.each([
  ['that a worker has started', waiting({ state: 'starting' })],
  ['that has ended', waiting({ state: 'ended' })],
  ['of a fan-out, which has one message for all', waiting({ fanOut: 'f1' })],
  ['that was queued a moment ago', waiting({ queuedAt: new Date(Date.now() + 60_000).toISOString() })],
])('the message of a run %s isn’t changed', async (_which, run) => {
  const { store, context, edits } = open([{ run: 'waits', before: 2 }])
  await store.addRun(run)
  await updateQueuePositionsJob(context)
  expect(edits).toEqual([])
})

test('a worker that starts the run before its position is shown wins', async () => {
  const { store, context, edits } = open([{ run: 'waits', before: 2 }])
  await store.addRun(waiting())
  const { getValue } = context.store
  // The run changes between the lookup and the edit.
  context.store.getValue = async (kind, key) => {
    await store.changeRun('waits', (now) => ({ ...now, state: 'starting' }))
    return getValue(kind, key)
  }
  await updateQueuePositionsJob(context)
  expect(edits).toEqual([])
})
