import type { CancelBus, RunQueue } from '#core/ports/queue'

export type FakeQueue = RunQueue & {
  /** Gives the first waiting run to a worker; undefined where none waits. */
  take: () => Promise<string | undefined>
  /** Number of workers that `counts` reports. */
  workers: number
  /** Maximum number of waiting runs. */
  limit: number
}

/** Returns a queue in memory: waiting runs are ordered by their people's recent runs. */
export function memoryQueue(limit = 1_000): FakeQueue {
  const jobs = new Map<string, { priority: number; state: 'waiting' | 'active' }>()
  const waiting = () =>
    [...jobs]
      .filter(([, { state }]) => state === 'waiting')
      .toSorted(([, one], [, other]) => one.priority - other.priority)
      .map(([id, { priority }]) => ({ id, priority }))
  const queue: FakeQueue = {
    workers: 1,
    limit,
    async add({ id }, recentRuns) {
      if (jobs.has(id)) return 'duplicate'
      if (waiting().length >= queue.limit) return 'full'
      jobs.set(id, { priority: Math.max(1, recentRuns), state: 'waiting' })
      return 'added'
    },
    has: async (id) => jobs.has(id),
    remove: async (id) => jobs.get(id)?.state === 'waiting' && jobs.delete(id),
    position: async (recentRuns) => waiting().filter(({ priority }) => priority <= Math.max(1, recentRuns)).length,
    waitingList: async (maxPerList) =>
      waiting()
        .slice(0, maxPerList)
        .map(({ id }, before) => ({ run: id, before })),
    counts: async () => {
      const all = waiting().length
      return { waiting: all, active: jobs.size - all, workers: queue.workers }
    },
    async take() {
      const [first] = waiting()
      if (first === undefined) return undefined
      jobs.set(first.id, { priority: first.priority, state: 'active' })
      return first.id
    },
  }
  return queue
}

export type FakeCancelBus = CancelBus & { canceled: ReadonlyMap<string, string> }

/** Returns a bus of cancellations in memory. `canceled`: by whom, by the ids of runs. */
export function memoryCancelBus(): FakeCancelBus {
  const canceled = new Map<string, string>()
  const listeners = new Map<string, Set<(by: string) => void>>()
  return {
    canceled,
    async cancel(runId, by) {
      canceled.set(runId, by)
      for (const callback of listeners.get(runId) ?? []) callback(by)
    },
    async onCancel(runId, callback) {
      const own = listeners.get(runId) ?? new Set()
      listeners.set(runId, own.add(callback))
      const already = canceled.get(runId)
      if (already !== undefined) callback(already)
      return async () => void own.delete(callback)
    },
  }
}
