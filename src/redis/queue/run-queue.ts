import { DelayedError, type Job, Queue, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Log } from '#core/ports/log'
import type { RunQueue } from '#core/ports/queue'
import { NewerFormatError } from '#core/ports/signing'
import { maxQueueWaitMs, type Run } from '#core/runs/run'
import { defaultTiming, type Timing } from '#core/util/default-timings'
import { withTimeout } from '#core/util/timeout'
import type { Slots } from './concurrency-slots.ts'

const queueName = 'retina-runs'

/** Largest priority number that BullMQ accepts; the largest number comes last. */
const lowestPriority = 2_097_152

/** Score range of one priority: BullMQ orders by priority, then by a running number in the lower 32 bits. */
const scorePerPriority = 0x1_0000_0000

/** Data of a job. The run itself is in the store, with its signature. */
type QueuedRun = { id: string }

function toPriority(recentRuns: number): number {
  return Math.min(Math.max(1, recentRuns), lowestPriority)
}

const jobOptions = {
  // The queue never repeats a run, because it may have touched its target: a worker that takes over an interrupted run
  // follows what already runs there.
  attempts: 1,
  removeOnComplete: { age: 3_600, count: 5_000 },
  removeOnFail: { age: 24 * 3_600, count: 5_000 },
}

/**
 * Opens the producer side of the queue, for at most `limit` waiting runs. A job's id is its run's id, so that one run
 * can't be queued twice.
 */
export function bullmqRunQueue(
  redis: Redis,
  options: { limit: number; slots: Pick<Slots, 'leaveWaitingLists' | 'waitingLists'>; prefix?: string },
): RunQueue & { close(): Promise<void> } {
  const queue = new Queue<QueuedRun>(queueName, { connection: redis, prefix: options.prefix ?? 'retina' })
  // The connection logs once that Redis is unreachable; the queue would log it at every attempt.
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
      await queue.add(
        'run',
        { id: run.id },
        {
          ...{ ...jobOptions, jobId: run.id },
          // Orders runs by their person's recent runs, so that a thousand runs of one person don't delay another person's
          // first.
          priority: toPriority(recentRuns),
        },
      )
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
      if (removed) await options.slots.leaveWaitingLists(runId)
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
        options.slots.waitingLists(maxPerList),
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

/** Consumer side of the queue in one worker process. */
export type RunWorker = {
  /** Stops taking runs and resolves when those in progress have ended. */
  drain: () => Promise<void>
}

/** Milliseconds after which a run that this version can't read is put into the queue again. */
const newerRetryMs = 2_000

export type RunWorkerOptions = {
  /** Loads the verified state of a run; undefined where there is none, and then its job is done. */
  load: (id: string) => Promise<Run | undefined>
  /** Maximum number of concurrent runs in this process. */
  concurrency: number
  slots: Slots
  /** Returns ms since 1970, by the clock that all processes share. */
  now: () => number
  log: Log
  prefix?: string
  timing?: Pick<Timing, 'runLockMs' | 'stalledIntervalMs' | 'slotIntervalMs' | 'workerCloseMs'>
}

/**
 * Opens the consumer side of the queue: calls `onRun` for each run, at most `concurrency` at a time. A job only says
 * which run is next; everything else comes from the run's own signed state.
 */
export function bullmqRunWorker(
  redis: Redis,
  onRun: (run: Run) => Promise<void>,
  options: RunWorkerOptions,
): RunWorker {
  const { timing = defaultTiming } = options
  let active = 0
  const process = async (job: Job<QueuedRun>, token?: string) => {
    active += 1
    try {
      await runInSlot(job, token)
    } finally {
      active -= 1
    }
  }
  const prefix = options.prefix ?? 'retina'
  const queue = new Queue<QueuedRun>(queueName, { connection: redis, prefix })
  queue.on('error', () => undefined)
  const { slots } = options
  const runInSlot = async (job: Job<QueuedRun>, token?: string) => {
    const run = await loadRun(job, token)
    if (run === undefined) return
    const { node, target } = run.spec
    const slot = await slots.acquire({ run: run.id, cluster: target.cluster, node, priority: job.priority })
    if ('busy' in slot) return delay(job, run, token)
    try {
      await onRun(run)
    } finally {
      const releaseSlot = async () => promote(await slot.release())
      releaseSlot().catch(() => undefined)
    }
  }
  /** Loads the run of a job. A run that a newer version has saved is left to workers of that version. */
  const loadRun = async (job: Job<QueuedRun>, token?: string): Promise<Run | undefined> => {
    try {
      return job.id === undefined ? undefined : await options.load(job.id)
    } catch (error) {
      if (!(error instanceof NewerFormatError)) throw error
      options.log.error({ run: job.id, error: error.message }, 'a run of a newer version is left to its workers')
      await job.moveToDelayed(Date.now() + newerRetryMs, token)
      throw new DelayedError()
    }
  }
  /**
   * Delays a job until its turn comes. A run that has waited too long goes to `onRun` without a slot, because that only
   * delivers its expiry.
   */
  const delay = async (job: Job<QueuedRun>, run: Run, token?: string) => {
    const remainingMs = Date.parse(run.queuedAt) + maxQueueWaitMs - options.now()
    // Also true for NaN, where `queuedAt` is not a valid time.
    if (!(remainingMs >= 0)) {
      await slots.leaveWaitingLists(run.id)
      return onRun(run)
    }
    await job.moveToDelayed(Date.now() + remainingMs + timing.slotIntervalMs, token)
    throw new DelayedError()
  }
  const promote = createPromoter(queue, slots)
  const slotTimer = setInterval(() => {
    const promoteDue = async () => promote(await slots.dueRuns())
    promoteDue().catch(() => undefined)
  }, timing.slotIntervalMs)
  const worker = new Worker<QueuedRun>(queueName, process, {
    connection: redis,
    prefix,
    concurrency: options.concurrency,
    // Gives an interrupted run to another worker as often as needed: that worker adopts or ends it, and never repeats
    // it.
    maxStalledCount: 1_000,
    stalledInterval: timing.stalledIntervalMs,
    lockDuration: timing.runLockMs,
  })
  worker.on('error', (error) => options.log.warn({ error: error.message }, 'queue: worker'))
  worker.on('failed', (job, error) => options.log.error({ run: job?.id, error: error.message }, 'queue: run failed'))
  return {
    async drain() {
      const closed = worker.close().then(() => queue.close())
      clearInterval(slotTimer)
      // Without Redis the worker can't close; once none of its runs is in progress, there is nothing left to wait for.
      do await withTimeout(timing.workerCloseMs, closed)
      while (active > 0)
    },
  }
}

/** Returns a function that moves delayed runs whose turn has come back into the queue. */
function createPromoter(queue: Queue<QueuedRun>, slots: Slots): (runs: readonly string[]) => Promise<void> {
  return async (runs) => {
    const promotions = runs.map(async (id) => {
      const job = await queue.getJob(id)
      if (job === undefined || job.finishedOn !== undefined) return slots.leaveWaitingLists(id)
      // BullMQ refuses this where the job isn't delayed any more, or not yet; then the next check promotes it.
      await job.promote().catch(() => undefined)
    })
    await Promise.all(promotions)
  }
}
