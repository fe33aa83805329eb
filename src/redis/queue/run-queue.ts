import { DelayedError, type Job, Queue, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Log } from '#core/ports/log'
import type { RunQueue } from '#core/ports/queue'
import { longestWait, type Run } from '#core/runs/run'
import { defaultTiming, type Timing } from '#core/util/timing'
import type { Slots } from './concurrency-slots.ts'

const queueName = 'retina-runs'

/** BullMQ's own limit. */
const lowestPriority = 2_097_152

/** BullMQ orders by priority, then by a running number in the lower 32 bits. */
const scorePerPriority = 0x1_0000_0000

function toPriority(recentRuns: number): number {
  return Math.min(Math.max(1, recentRuns), lowestPriority)
}

const jobOptions = {
  // A run may have touched the target, so the queue never repeats one: a worker that takes over an interrupted run follows
  // what is already there.
  attempts: 1,
  removeOnComplete: { age: 3_600, count: 5_000 },
  removeOnFail: { age: 24 * 3_600, count: 5_000 },
}

/** The queue's giving end. A job's id is its run's id, so one run can't be queued twice. */
export function bullmqRunQueue(
  redis: Redis,
  options: { limit: number; slots: Pick<Slots, 'leave' | 'lines'>; prefix?: string },
): RunQueue & { close(): Promise<void> } {
  const queue = new Queue<Run>(queueName, { connection: redis, prefix: options.prefix ?? 'retina' })
  // The connection's own log says once that Redis is away; the queue would say so at every try.
  queue.on('error', () => undefined)
  return {
    async add(run, recentRuns) {
      const [waiting, existing] = await Promise.all([
        queue.getJobCountByTypes('waiting', 'prioritized', 'delayed'),
        queue.getJob(run.id),
      ])
      // Checked first: a run that is in a full queue already isn't refused.
      if (existing !== undefined) return 'duplicate'
      if (waiting >= options.limit) return 'full'
      await queue.add('run', run, {
        ...{ ...jobOptions, jobId: run.id },
        // So that a thousand runs of one person don't keep the first one of another waiting.
        priority: toPriority(recentRuns),
      })
      return 'added'
    },
    has: async (runId) => (await queue.getJob(runId)) !== undefined,
    async remove(runId) {
      const job = await queue.getJob(runId)
      if (job === undefined) return false
      const state = await job.getState()
      if (state !== 'waiting' && state !== 'delayed' && state !== 'prioritized') return false
      // A worker may take it between the two calls; then BullMQ refuses, and the cancel bus reaches the worker.
      const removed = await job.remove().then(
        () => true,
        () => false,
      )
      if (removed) await options.slots.leave(runId)
      return removed
    },
    async position(recentRuns) {
      const maxScore = `(${(toPriority(recentRuns) + 1) * scorePerPriority}`
      const [unprioritized, prioritized] = await Promise.all([
        redis.llen(queue.toKey('wait')),
        redis.zcount(queue.toKey('prioritized'), '-inf', maxScore),
      ])
      return unprioritized + prioritized
    },
    async waitingList(maxPerList) {
      const [unprioritized, prioritized, waitingForSlot] = await Promise.all([
        redis.lrange(queue.toKey('wait'), -maxPerList, -1),
        redis.zrange(queue.toKey('prioritized'), '0', String(maxPerList - 1)),
        options.slots.lines(maxPerList),
      ])
      const queued = [...unprioritized.toReversed(), ...prioritized].slice(0, maxPerList)
      return [...queued.map((run, before) => ({ run, before })), ...waitingForSlot]
    },
    async counts() {
      const counts = await queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed')
      return {
        waiting: (counts['waiting'] ?? 0) + (counts['prioritized'] ?? 0) + (counts['delayed'] ?? 0),
        active: counts['active'] ?? 0,
        workers: await queue.getWorkersCount(),
      }
    },
    close: () => queue.close(),
  }
}

/** Ends of the queue that a worker process holds. */
export type RunWorker = {
  /** Takes no new runs and resolves when those under way have ended. */
  drain: () => Promise<void>
}

export type RunWorkerOptions = {
  /** Runs at a time in this process. */
  concurrency: number
  slots: Slots
  /** Milliseconds since 1970, by the clock that all processes share. */
  now: () => number
  log: Log
  prefix?: string
  timing?: Pick<Timing, 'runLockMs' | 'stalledIntervalMs' | 'slotIntervalMs' | 'workerCloseMs'>
}

/** The queue's taking end: calls `onRun` for each run, at most `concurrency` at a time. */
export function bullmqRunWorker(
  redis: Redis,
  onRun: (run: Run) => Promise<void>,
  options: RunWorkerOptions,
): RunWorker {
  const { timing = defaultTiming } = options
  let active = 0
  const process = async (job: Job<Run>, token?: string) => {
    active += 1
    try {
      await runInSlot(job, token)
    } finally {
      active -= 1
    }
  }
  const prefix = options.prefix ?? 'retina'
  const queue = new Queue<Run>(queueName, { connection: redis, prefix })
  queue.on('error', () => undefined)
  const { slots } = options
  const runInSlot = async (job: Job<Run>, token?: string) => {
    const run = job.data
    const { node, target } = run.spec
    const slot = await slots.take({ run: run.id, cluster: target.cluster, node, priority: job.priority })
    if ('busy' in slot) return delay(job, token)
    try {
      await onRun(run)
    } finally {
      const releaseSlot = async () => promote(await slot.release())
      releaseSlot().catch(() => undefined)
    }
  }
  /** Until its turn comes, or until it has waited for too long: then it is only told so, for which it needs no place. */
  const delay = async (job: Job<Run>, token?: string) => {
    const remainingMs = Date.parse(job.data.queuedAt) + longestWait - options.now()
    // Also where what was written there is no time at all.
    if (!(remainingMs >= 0)) {
      await slots.leave(job.data.id)
      return onRun(job.data)
    }
    await job.moveToDelayed(Date.now() + remainingMs + timing.slotIntervalMs, token)
    throw new DelayedError()
  }
  const promote = createPromoter(queue, slots)
  const slotTimer = setInterval(() => {
    const promoteDue = async () => promote(await slots.due())
    promoteDue().catch(() => undefined)
  }, timing.slotIntervalMs)
  const worker = new Worker<Run>(queueName, process, {
    connection: redis,
    prefix,
    concurrency: options.concurrency,
    // An interrupted run is handed to the next worker as often as it takes: that one adopts or ends it, never repeats it.
    maxStalledCount: 1_000,
    stalledInterval: timing.stalledIntervalMs,
    lockDuration: timing.runLockMs,
  })
  worker.on('error', (error) => options.log.warn({ error: error.message }, 'queue: worker'))
  worker.on('failed', (job, error) => options.log.error({ run: job?.id, error: error.message }, 'queue: run failed'))
  return {
    async drain() {
      const closed = worker
        .close()
        .then(() => queue.close())
        .then(() => true)
      clearInterval(slotTimer)
      // Without Redis the worker can't close; once none of its runs is under way, there is nothing left to wait for.
      while (!(await Promise.race([closed, waitForIdle()])) || active > 0);
    },
  }

  async function waitForIdle(): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, timing.workerCloseMs).unref())
    return active === 0
  }
}

/** Puts parked runs back into the queue, as their turn has come. */
function createPromoter(queue: Queue<Run>, slots: Slots): (runs: readonly string[]) => Promise<void> {
  return async (runs) => {
    const promotions = runs.map(async (id) => {
      const job = await queue.getJob(id)
      if (job === undefined || job.finishedOn !== undefined) return slots.leave(id)
      // Refused where it isn't parked any more, or not yet; then the next look does it.
      await job.promote().catch(() => undefined)
    })
    await Promise.all(promotions)
  }
}
