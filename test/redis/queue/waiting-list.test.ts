import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals'
import { maxQueueWaitMs, type Run } from '#core/runs/run'
import { defaultTiming } from '#core/util/default-timings'
import { redisClock } from '#src/redis/clock'
import { connectRedis } from '#src/redis/connection'
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
const timing = { ...defaultTiming, slotIntervalMs: 100 }

beforeAll(() => {
  connection = connectRedis(redis.url(), silentLog)
})
afterEach(async () => {
  jest.restoreAllMocks()
  await Promise.all(workers.splice(0).map((worker) => worker.drain()))
})
afterAll(async () => {
  await Promise.all(queues.map((queue) => queue.close()))
  connection.disconnect()
})

function openQueue(limits: { perNode: number; perCluster: number }) {
  const prefix = `line${names++}`
  const slots = redisConcurrencySlots(connection, limits, prefix)
  const opened = bullmqRunQueue(connection, { limit: 100_000, slots, prefix })
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
  const began: string[] = []
  let looks = 0
  const finish = new Map<string, () => void>()
  /** Starts a worker whose runs go on until the test ends them. */
  const work = (concurrency = 20) => {
    const onRun = (run: Run) => {
      began.push(run.id)
      return new Promise<void>((resolve) => finish.set(run.id, resolve))
    }
    const own = redisConcurrencySlots(connection, limits, prefix)
    const counted = { ...own, dueRuns: () => own.dueRuns().finally(() => looks++) }
    const options = { load, concurrency, slots: counted, now: Date.now, log: silentLog, prefix, timing }
    workers.push(bullmqRunWorker(connection, onRun, options))
  }
  const end = (id: string) => finish.get(id)?.()
  const endAll = () => {
    for (const done of finish.values()) done()
  }
  const tries = async (id: string) => Number(await connection.hget(`${prefix}:retina-runs:${id}`, 'ats'))
  /** Resolves when workers have looked this many times for runs whose turn it is. */
  const looked = (times: number, before = looks) => waitUntil('a worker has looked', () => looks >= before + times)
  return { slots, queue, work, began, end, endAll, tries, looked, prefix }
}

function run(id: string, node = 'node001', queuedAt = new Date().toISOString()): Run {
  const one = sampleRun({ request: sampleRequest({ id }), queuedAt })
  return { ...one, spec: { ...one.spec, node } }
}

test('T27 a cluster never has more concurrent runs than its limit, over all workers and nodes', async () => {
  const { queue, work, began, end, endAll } = openQueue({ perNode: 20, perCluster: 3 })
  work()
  work()
  for (let at = 0; at < 6; at++) await queue.add(run(`r${at}`, `n${at}`), at + 1)
  await waitUntil(
    'three run, the others are in the waiting list',
    async () => (await queue.waitingList(20)).length === 3,
  )
  expect(began).toHaveLength(3)
  expect(await queue.waitingList(20)).toEqual([
    { run: 'r3', before: 0, busy: 'cluster' },
    { run: 'r4', before: 1, busy: 'cluster' },
    { run: 'r5', before: 2, busy: 'cluster' },
  ])
  end('r1')
  await waitUntil('the next one runs', () => began.length === 4)
  expect(began[3]).toBe('r3')
  endAll()
  await waitUntil('all ran', () => {
    endAll()
    return began.length === 6
  })
})

test('a run gets both slots or none', async () => {
  const { slots, prefix } = openQueue({ perNode: 1, perCluster: 2 })
  const wanted = (one: string, node: string) => ({ run: one, cluster: 'dev', node, priority: 1 })
  const first = await slots.acquire(wanted('a', 'n1'))
  await slots.acquire(wanted('b', 'n2'))
  expect(await slots.acquire(wanted('c', 'n1'))).toEqual({ busy: 'node' })
  expect(await slots.acquire(wanted('d', 'n3'))).toEqual({ busy: 'cluster' })
  expect(await connection.zrange(`${prefix}:slots:node:dev/n3`, '0', '-1')).toEqual([])
  expect((await connection.zrange(`${prefix}:slots:cluster:dev`, '0', '-1')).toSorted()).toEqual(['a', 'b'])
  if ('busy' in first) throw new Error('not taken')
  // Both waiting lists have a run whose turn it is, and no other run gets its slot.
  expect((await first.release()).toSorted()).toEqual(['c', 'd'])
  expect(await slots.acquire(wanted('e', 'n1'))).toEqual({ busy: 'node' })
  expect(await slots.acquire(wanted('d', 'n3'))).toMatchObject({ release: expect.anything() })
})

test('T27 runs that wait for a busy node aren’t retried until their turn, and the person with the fewest runs is first', async () => {
  const { queue, work, began, end, endAll, tries, looked } = openQueue({ perNode: 1, perCluster: 100 })
  work(5)
  await queue.add(run('holds'), 1)
  await waitUntil('it runs', () => began.length === 1)
  for (let at = 0; at < 50; at++) await queue.add(run(`many${at}`), at + 2)
  await waitUntil('all are in the waiting list', async () => (await queue.waitingList(100)).length === 50)
  await looked(3)
  expect(await tries('many0')).toBe(1)
  expect(await tries('many49')).toBe(1)
  await queue.add(run('other'), 1)
  await waitUntil('it is in the waiting list', async () => (await queue.waitingList(1))[0]?.run === 'other')
  end('holds')
  await waitUntil('it has its turn', () => began.length === 2)
  expect(began).toEqual(['holds', 'other'])
  expect(await queue.remove('many0')).toBe(true)
  end('other')
  await waitUntil('the next one has its turn', () => began.length === 3)
  expect(began[2]).toBe('many1')
  for (let at = 2; at < 50; at++) await queue.remove(`many${at}`)
  endAll()
})

test('a run that waited too long for a busy node is handed to a worker without a slot, to end it', async () => {
  const { queue, work, began, endAll } = openQueue({ perNode: 1, perCluster: 100 })
  work()
  await queue.add(run('holds'), 1)
  await waitUntil('it runs', () => began.length === 1)
  const soon = new Date(Date.now() - maxQueueWaitMs + 500).toISOString()
  await queue.add(run('waits', 'node001', soon), 1)
  await waitUntil('it is in the waiting list', async () => (await queue.waitingList(20)).length === 1)
  await waitUntil('its time is over', () => began.includes('waits'))
  expect(await queue.waitingList(20)).toEqual([])
  endAll()
})

test('slots of a dead worker expire, and the next run gets its turn without a release', async () => {
  const { slots, queue, work, began, endAll, prefix } = openQueue({ perNode: 1, perCluster: 1 })
  await slots.acquire({ run: 'dead', cluster: 'dev', node: 'node001', priority: 1 })
  work()
  await queue.add(run('waits'), 1)
  await waitUntil('it is in the waiting list', async () => (await queue.waitingList(20)).length === 1)
  // Expires the slots, as half a minute later.
  for (const key of await connection.keys(`${prefix}:slots:*`)) await connection.zadd(key, Date.now() - 1, 'dead')
  await waitUntil('it has its turn', () => began.length === 1)
  endAll()
})

test('a worker whose clock is ten minutes ahead frees no other worker’s slot, and uses the shared time', async () => {
  const { slots } = openQueue({ perNode: 1, perCluster: 100 })
  const clock = redisClock(connection)
  await clock.ready()
  const wanted = { cluster: 'dev', node: 'node001', priority: 1 }
  await slots.acquire({ run: 'a', ...wanted })
  const right = Date.now()
  jest.spyOn(Date, 'now').mockImplementation(() => right + 600_000)
  expect(await slots.acquire({ run: 'b', ...wanted })).toEqual({ busy: 'node' })
  expect(Math.abs(clock.now().getTime() - right)).toBeLessThan(5_000)
  clock.close()
})
