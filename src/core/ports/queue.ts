import type { QueuePosition } from '#core/messages/queue-position'
import type { Run } from '#core/runs/run'

export type RunQueue = {
  /**
   * Adds a run. `recentRuns`: number of the same person's recently queued runs, including this one; runs with the
   * lowest number come first.
   */
  add: (run: Run, recentRuns: number) => Promise<'added' | 'duplicate' | 'full'>
  /** Returns true for a run that waits, that a worker has, or that a worker finished recently. */
  has: (runId: string) => Promise<boolean>
  /** Removes a waiting run; returns false when a worker already has it. */
  remove: (runId: string) => Promise<boolean>
  /** Returns the number of runs ahead of a new run with this `recentRuns`. */
  position: (recentRuns: number) => Promise<number>
  /**
   * Returns the first runs of the queue and of the waiting list of each busy node and cluster: `maxPerList` of each.
   */
  waitingList: (maxPerList: number) => Promise<readonly QueuePosition[]>
  /** Returns the number of waiting and active runs, and of workers. */
  counts: () => Promise<{ waiting: number; active: number; workers: number }>
}

/** Broadcast of run cancellations to all workers. */
export type CancelBus = {
  cancel: (runId: string, by: string) => Promise<void>
  /**
   * Subscribes to a run's cancellation; calls back at once if it was canceled before. Returns a function to
   * unsubscribe.
   */
  onCancel: (runId: string, callback: (by: string) => void) => Promise<() => Promise<void>>
}
