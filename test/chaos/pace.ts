import type { Timing } from '#core/util/default-timings'

/** How fast a chaos run goes. */
export type ChaosPace = {
  /** Times of the program; what is left out is the program's own. */
  timing: Partial<Timing>
  /** For how long containers stay ready, as the owner's file has it. */
  ready: string
  /** Milliseconds between two commands. */
  askIntervalMs: number
  /** Runs in progress before no more are asked for: what is tested is what breaks, not how much there can be. */
  mostInProgress: number
  /** Factor of the time that tools take. */
  toolTime: number
  /** Milliseconds between two looks at what is not at rest yet. */
  restIntervalMs: number
}

/** The program as it is deployed. */
export const deployedPace: ChaosPace = {
  timing: {},
  ready: 'keep: 15s, keepInPods: 30s',
  askIntervalMs: 250,
  mostInProgress: 30,
  toolTime: 1,
  restIntervalMs: 1_000,
}

/**
 * For a run of less than a minute: what died is missed, and what was left behind is looked for, after seconds. Leases and locks
 * outlast a process that waits for a busy processor.
 */
export const shortPace: ChaosPace = {
  timing: {
    commandLeaseMs: 2_500,
    takeOverIntervalMs: 500,
    runLockMs: 5_000,
    stalledIntervalMs: 1_000,
    slotLeaseMs: 6_000,
    slotIntervalMs: 300,
    redisRetryMs: 300,
    saveRetryMs: 200,
    endingRetryMs: 200,
    sweepIntervalMs: 1_000,
    undeliveredGraceMs: 4_000,
    undeliveredSeenMs: 1_500,
    settleMs: 2_500,
    chatTimeoutMs: 2_500,
    fanOutIntervalMs: 300,
    fanOutLeaseMs: 4_000,
    fanOutCheckMs: 1_500,
    sessionIntervalMs: 300,
    sessionEndLeaseMs: 4_000,
  },
  ready: 'keep: 2s, keepInPods: 4s',
  askIntervalMs: 400,
  mostInProgress: 12,
  toolTime: 0.5,
  restIntervalMs: 250,
}
