import type { Timing } from '#core/util/default-timings'

/** Speed of a chaos run. */
export type ChaosPace = {
  /** Times of the program that differ from its defaults. */
  timing: Partial<Timing>
  /** Idle timeouts of sessions, as in retina.yaml. */
  sessionTimes: string
  /** Milliseconds between two commands. */
  commandIntervalMs: number
  /** Limit of runs in progress above which no commands are sent: faults are tested, not load. */
  maxInProgress: number
  /** Factor for the time that tools take. */
  toolTimeFactor: number
  /** Milliseconds between two checks whether all runs have ended. */
  restIntervalMs: number
}

/** The program with its default times. */
export const deployedPace: ChaosPace = {
  timing: {},
  sessionTimes: 'keep: 15s, keepInPods: 30s',
  commandIntervalMs: 250,
  maxInProgress: 30,
  toolTimeFactor: 1,
  restIntervalMs: 1_000,
}

/**
 * For a run of less than a minute: dead processes are noticed, and remains are swept, after seconds. Leases and locks are still longer
 * than a process may have to wait for a busy processor.
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
    deliveryLeaseMs: 4_000,
    fanOutCheckMs: 1_500,
    sessionIntervalMs: 300,
    sessionEndLeaseMs: 4_000,
  },
  sessionTimes: 'keep: 2s, keepInPods: 4s',
  commandIntervalMs: 400,
  maxInProgress: 12,
  toolTimeFactor: 0.5,
  restIntervalMs: 250,
}
