import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Message } from '#core/messages/message'
import type { QueuePosition } from '#core/messages/queue-position'
import type { ChatAdapter } from '#core/ports/chat'
import type { Run } from '#core/runs/run'
import { defaultTiming } from '#core/util/default-timings'
import { waitForMessageLock } from '#src/lifecycle/queue-message-lock'
import { connectRedis } from '#src/redis/connection'
import { redisRunStore } from '#src/redis/store/run-store'
import type { WorkerContext } from '#src/worker/context'
import { updateQueuePositionsJob } from '#src/worker/jobs/queue-positions'
import { useRedis } from '#test/environment/redis'
import { waitUntil } from '#test/flow/wait-for'
import { sampleRequest, sampleRun, silentLog } from '#test/samples/run'

const redis = useRedis()
let connection: ReturnType<typeof connectRedis>
beforeAll(() => {
  connection = connectRedis(redis.url(), silentLog)
})
beforeEach(() => redis.empty())
afterAll(() => connection.disconnect())

function open(line: readonly QueuePosition[]) {
  const store = redisRunStore(connection)
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
  return { store, edits, take: () => take(), house: context as unknown as WorkerContext }
}

const longAgo = new Date(Date.now() - 10_000).toISOString()
const waiting = (change: Partial<Run> = {}) =>
  sampleRun({ request: sampleRequest({ id: 'waits' }), queuedAt: longAgo, ...change })

test('a run that waits for a while is told its place once, as long as it stays the same', async () => {
  const { store, house: context, edits, take } = open([{ run: 'waits', before: 2 }])
  await store.addRun(waiting())
  const looking = updateQueuePositionsJob(context)
  await waitUntil('it is told', () => edits.length === 1)
  expect(edits[0]).toMatchObject({ kind: 'queued', note: '2 runs are ahead of it.', progress: true })
  take()
  await looking
  await store.releaseLock('waiting')
  await store.releaseLock('place:waits')
  await updateQueuePositionsJob(context)
  expect(edits).toHaveLength(1)
  expect(await store.run('waits')).not.toHaveProperty('tellingUntil')
})

test('whoever takes the run meanwhile waits with its message until its place is told', async () => {
  const { store, house: context, edits, take } = open([{ run: 'waits', before: 0, busy: 'node' }])
  await store.addRun(waiting())
  const looking = updateQueuePositionsJob(context)
  await waitUntil('it is being told', () => edits.length === 1)
  const taken = await redisRunStore(connection).changeRun('waits', (now) => ({ ...now, state: 'starting' }))
  if (taken === undefined) throw new Error('no run')
  let free = false
  const told = waitForMessageLock(context, taken).then(() => {
    free = true
  })
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(free).toBe(false)
  take()
  await Promise.all([looking, told])
  expect(await store.run('waits')).toMatchObject({ state: 'starting' })
})

test.each([
  ['that a worker has by now', waiting({ state: 'starting' })],
  ['that has ended', waiting({ state: 'ended' })],
  ['of a fan-out, whose message tells of all', waiting({ fanOut: 'f1' })],
  ['that came a moment ago', waiting({ queuedAt: new Date(Date.now() + 60_000).toISOString() })],
])('the message of a run %s is left alone', async (_which, run) => {
  const { store, house: context, edits } = open([{ run: 'waits', before: 2 }])
  await store.addRun(run)
  await updateQueuePositionsJob(context)
  expect(edits).toEqual([])
})

test('who takes it before its place could be told wins', async () => {
  const { store, house: context, edits } = open([{ run: 'waits', before: 2 }])
  await store.addRun(waiting())
  const other = redisRunStore(connection)
  const { get: kept } = context.store
  // In the very moment between the look and the edit.
  context.store.get = async (key) => {
    await other.changeRun('waits', (now) => ({ ...now, state: 'starting' }))
    return kept(key)
  }
  await updateQueuePositionsJob(context)
  expect(edits).toEqual([])
})
