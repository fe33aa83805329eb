import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { NewerFormatError } from '#core/ports/signing'
import type { Run } from '#core/runs/run'
import { run } from '#dev/machine/run'
import { connectRedis } from '#src/redis/connection'
import { createSigner } from '#src/redis/hmac-signer'
import { redisCancelBus } from '#src/redis/queue/cancel-bus'
import { redisConcurrencySlots } from '#src/redis/queue/concurrency-slots'
import { bullmqRunQueue, bullmqRunWorker, type RunWorker } from '#src/redis/queue/run-queue'
import { useRedis } from '#test/environment/redis'
import { waitUntil } from '#test/flow/wait-for'
import { sampleRequest, sampleRun, silentLog } from '#test/samples/run'

const redis = useRedis()
let connection: ReturnType<typeof connectRedis>
const workers: RunWorker[] = []
const queues: { close: () => Promise<void> }[] = []
let names = 0

beforeAll(() => {
  connection = connectRedis(redis.url(), silentLog)
})
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.drain()))
})
afterAll(async () => {
  await Promise.all(queues.map((queue) => queue.close()))
  connection.disconnect()
})

type Working = { concurrency?: number; perNode?: number; perCluster?: number }

function openQueue(limit = 1_000, limits = { perNode: 20, perCluster: 100 }) {
  const prefix = `test${names++}`
  const slots = redisConcurrencySlots(connection, limits, prefix)
  const opened = bullmqRunQueue(connection, { limit, slots, prefix })
  // Stands in for the store of runs.
  const runs = new Map<string, Run>()
  const load = async (id: string) => runs.get(id)
  const queue = {
    ...opened,
    add(run: Run, recentRuns: number) {
      runs.set(run.id, run)
      return opened.add(run, recentRuns)
    },
  }
  queues.push(queue)
  const work = (onRun: (run: Run) => Promise<void>, { concurrency = 20, ...other }: Working = {}) => {
    const own = redisConcurrencySlots(connection, { ...limits, ...other }, prefix)
    const options = { load, concurrency, slots: own, now: Date.now, log: silentLog, prefix }
    workers.push(bullmqRunWorker(connection, onRun, options))
  }
  return { queue, slots, work, prefix }
}

function runOf(id: string, node = 'node001') {
  const one = sampleRun({ request: sampleRequest({ id, at: new Date().toISOString() }) })
  return { ...one, spec: { ...one.spec, node } }
}

/** Collects ids; the promise resolves with them once there are `count`. */
function collect(count: number) {
  const seen: string[] = []
  let done: (ids: string[]) => void = () => undefined
  const all = new Promise<string[]>((resolve) => {
    done = resolve
  })
  return {
    all,
    add(id: string) {
      seen.push(id)
      if (seen.length === count) done(seen)
    },
  }
}

test('a run is received unchanged, once', async () => {
  const { queue, work } = openQueue()
  const seen = collect(1)
  let got: Run | undefined
  work(async (each) => {
    got = each
    seen.add(each.id)
  })
  expect(await queue.add(runOf('a'), 1)).toBe('added')
  await seen.all
  expect(got).toEqual({ ...runOf('a'), request: got?.request, queuedAt: got?.queuedAt })
  expect(await queue.add(runOf('a'), 1)).toBe('duplicate')
})

test('a run over the limit is refused, not queued', async () => {
  const { queue } = openQueue(2)
  expect(await Promise.all([queue.add(runOf('a'), 1)])).toEqual(['added'])
  expect(await queue.add(runOf('b'), 1)).toBe('added')
  expect(await queue.add(runOf('c'), 1)).toBe('full')
  expect((await queue.counts()).waiting).toBe(2)
})

test('a run that failed in the worker is not tried again', async () => {
  const { queue, work } = openQueue()
  const calls: string[] = []
  const after = collect(1)
  work(
    async (each) => {
      calls.push(each.id)
      if (each.id === 'last') after.add(each.id)
      else throw new Error('broken')
    },
    { concurrency: 1 },
  )
  await queue.add(runOf('broken'), 1)
  await queue.add(runOf('last'), 1)
  await after.all
  expect(calls).toEqual(['broken', 'last'])
})

test('a queued run can be removed, a running one can’t', async () => {
  const { queue, work } = openQueue()
  await queue.add(runOf('waits'), 1)
  expect(await queue.remove('waits')).toBe(true)
  expect(await queue.remove('waits')).toBe(false)
  const started = collect(1)
  let finish: () => void = () => undefined
  const hold = new Promise<void>((resolve) => {
    finish = resolve
  })
  work((each) => {
    started.add(each.id)
    return hold
  })
  await queue.add(runOf('runs'), 1)
  await started.all
  expect(await queue.remove('runs')).toBe(false)
  finish()
})

test('a node never has more concurrent runs than its limit, over all workers, and doesn’t delay other nodes', async () => {
  const { queue, work } = openQueue()
  let now = 0
  let maxConcurrent = 0
  const done = collect(7)
  const onRun = async (each: Run) => {
    if (each.spec.node === 'node001') {
      now++
      maxConcurrent = Math.max(maxConcurrent, now)
      await new Promise((resolve) => setTimeout(resolve, 40))
      now--
    }
    done.add(each.id)
  }
  work(onRun, { perNode: 2 })
  work(onRun, { perNode: 2 })
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) await queue.add(runOf(id), 1)
  await queue.add(runOf('elsewhere', 'node002'), 1)
  const order = await done.all
  expect(order.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'elsewhere', 'f'])
  expect(maxConcurrent).toBe(2)
})

test('draining waits for current runs and starts no new ones', async () => {
  const { queue, work } = openQueue()
  const started = collect(1)
  let finish: () => void = () => undefined
  const hold = new Promise<void>((resolve) => {
    finish = resolve
  })
  let ended = false
  work(
    async (each) => {
      started.add(each.id)
      await hold
      ended = true
    },
    { concurrency: 1 },
  )
  await queue.add(runOf('under-way'), 1)
  await queue.add(runOf('later'), 1)
  await started.all
  const drained = workers.splice(0)[0]?.drain()
  finish()
  await drained
  expect(ended).toBe(true)
  expect((await queue.counts()).waiting).toBe(1)
})

test('a cancellation reaches the worker that has the run, and one that starts it later', async () => {
  const bot = redisCancelBus(connection, { signer: createSigner('a key'), prefix: 'cancel-test' })
  const worker = redisCancelBus(connection, { signer: createSigner('a key'), prefix: 'cancel-test' })
  const heard = collect(1)
  const forget = await worker.onCancel('r1', (by) => heard.add(by))
  await bot.cancel('r1', 'Carol')
  expect(await heard.all).toEqual(['Carol'])
  await forget()
  const late = collect(1)
  await worker.onCancel('r1', (by) => late.add(by))
  expect(await late.all).toEqual(['Carol'])
  await worker.onCancel('r2', () => expect('r2 was never canceled').toBe(''))
  await bot.close()
  await worker.close()
})

test('a cancellation that was published while the worker’s connection was cut still reaches it', async () => {
  const bot = redisCancelBus(connection, { signer: createSigner('a key'), prefix: 'cancel-cut' })
  const worker = redisCancelBus(connection, { signer: createSigner('a key'), prefix: 'cancel-cut' })
  const heard = collect(1)
  await worker.onCancel('r1', (by) => heard.add(by))
  await run('redis-cli', ['-u', redis.url(), 'client', 'kill', 'type', 'pubsub'])
  await bot.cancel('r1', 'Carol')
  expect(await heard.all).toEqual(['Carol'])
  await bot.close()
  await worker.close()
})

test('a run that a newer version has saved waits for a worker of that version', async () => {
  const { queue, work, prefix } = openQueue()
  const ended = collect(1)
  const asked: string[] = []
  const slots = redisConcurrencySlots(connection, { perNode: 20, perCluster: 100 }, prefix)
  const load = async (id: string): Promise<Run> => {
    asked.push(id)
    throw new NewerFormatError(`run:${id}`, 2)
  }
  const older = bullmqRunWorker(connection, async () => undefined, {
    ...{ load, concurrency: 1, slots, now: Date.now, log: silentLog, prefix },
  })
  await queue.add(runOf('a'), 0)
  await waitUntil('the older worker has looked at it', () => asked.length > 0)
  await older.drain()
  work(async ({ id }) => ended.add(id))
  expect(await ended.all).toEqual(['a'])
})
