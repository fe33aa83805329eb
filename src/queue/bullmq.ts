import { DelayedError, type Job, Queue, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Log, RunQueue } from '#core/ports'
import type { Run } from '#core/run'
import type { Slots } from './slots.ts'

const queueName = 'retina-runs'

/** BullMQ's own limit. */
const lowestPriority = 2_097_152

/** Waiting for a free place on the node: how long until the run is offered again, in milliseconds. */
const busyNodeDelay = 300

/** How long a worker without runs may take to close, in milliseconds. */
const patience = 5_000

/** The queue's giving end. A job's id is its run's id, so one run can't be queued twice. */
export function bullmqQueue(
  redis: Redis,
  options: { limit: number; prefix?: string },
): RunQueue & { close(): Promise<void> } {
  const queue = new Queue<Run>(queueName, { connection: redis, prefix: options.prefix ?? 'retina' })
  // The connection's own log says once that Redis is away; the queue would say so at every try.
  queue.on('error', () => undefined)
  return {
    async add(run, place) {
      // First this: what stands in a full queue already isn't refused.
      if ((await queue.getJob(run.id)) !== undefined) return 'duplicate'
      if ((await queue.getJobCountByTypes('waiting', 'prioritized')) >= options.limit) return 'full'
      await queue.add('run', run, {
        jobId: run.id,
        // So that a thousand runs of one person don't keep the first one of another waiting.
        priority: Math.min(Math.max(1, place), lowestPriority),
        // A run may have touched the target, so the queue never repeats one: a worker that takes over an interrupted
        // run follows what is already there.
        attempts: 1,
        removeOnComplete: { age: 3_600, count: 5_000 },
        removeOnFail: { age: 24 * 3_600, count: 5_000 },
      })
      return 'added'
    },
    has: async (runId) => (await queue.getJob(runId)) !== undefined,
    async remove(runId) {
      const job = await queue.getJob(runId)
      if (job === undefined) return false
      const state = await job.getState()
      if (state !== 'waiting' && state !== 'delayed' && state !== 'prioritized') return false
      // Between the look and the removal a worker may take it; BullMQ then refuses, and the worker is told by the cancel bus.
      return job.remove().then(
        () => true,
        () => false,
      )
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
  /** Runs at a time on one node, over all workers. */
  perNode: number
  slots: Slots
  log: Log
  prefix?: string
}

/** The queue's taking end: calls `onRun` for each run, at most `concurrency` at a time. */
export function bullmqWorker(redis: Redis, onRun: (run: Run) => Promise<void>, options: RunWorkerOptions): RunWorker {
  let active = 0
  const process = async (job: Job<Run>, token?: string) => {
    active += 1
    try {
      await take(job, token)
    } finally {
      active -= 1
    }
  }
  const take = async (job: Job<Run>, token?: string) => {
    const run = job.data
    const place = `${run.spec.target.cluster}/${run.spec.node}`
    const slot = await options.slots.take(place, run.id, options.perNode)
    if (slot === undefined) {
      await job.moveToDelayed(Date.now() + busyNodeDelay, token)
      throw new DelayedError()
    }
    try {
      await onRun(run)
    } finally {
      await slot.release()
    }
  }
  const worker = new Worker<Run>(queueName, process, {
    connection: redis,
    prefix: options.prefix ?? 'retina',
    concurrency: options.concurrency,
    // An interrupted run is handed to the next worker as often as it takes: that one adopts or ends it, never repeats it.
    maxStalledCount: 1_000,
    stalledInterval: 10_000,
    lockDuration: 20_000,
  })
  worker.on('error', (error) => options.log.warn({ error: error.message }, 'queue: worker'))
  worker.on('failed', (job, error) => options.log.error({ run: job?.id, error: error.message }, 'queue: run failed'))
  return {
    async drain() {
      const closed = worker.close().then(() => true)
      // Without Redis the worker can't close; once none of its runs is under way, there is nothing left to wait for.
      while (!(await Promise.race([closed, idle()])) || active > 0);
    },
  }

  async function idle(): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, patience).unref())
    return active === 0
  }
}
