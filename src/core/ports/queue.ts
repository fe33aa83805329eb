import type { QueuePosition } from '#core/messages/queue-position'
import type { Run } from '#core/runs/run'

export type RunQueue = {
  /** `place`: how many of the same person's runs were queued lately, this one among them; who has the fewest comes first. */
  add: (run: Run, place: number) => Promise<'added' | 'duplicate' | 'full'>
  /** True for a run that waits, that a worker has, or that one had lately. */
  has: (runId: string) => Promise<boolean>
  /** Takes a waiting run out again; false when a worker has it already. */
  remove: (runId: string) => Promise<boolean>
  /** How many runs would come before one of this place. */
  position: (place: number) => Promise<number>
  /** First runs of the queue, and of the waiting list of each busy node and cluster: at most `most` of each. */
  waitingList: (most: number) => Promise<readonly QueuePosition[]>
  /** How many runs wait, and how many workers there are. */
  counts: () => Promise<{ waiting: number; active: number; workers: number }>
}

/** Tells all workers, and hears, that a run is to be canceled. */
export type CancelBus = {
  cancel: (runId: string, by: string) => Promise<void>
  /** Calls back at once when it was canceled before. Returns the way to stop listening. */
  onCancel: (runId: string, callback: (by: string) => void) => Promise<() => Promise<void>>
}
