import type { Timing } from '#core/util/default-timings'

/**
 * Times of the program in flow tests, short because tests wait for events and not for the clock. Leases and locks are
 * long enough for a busy machine.
 */
export const flowTiming: Partial<Timing> = {
  takeOverIntervalMs: 200,
  slotIntervalMs: 200,
  redisRetryMs: 200,
  saveRetryMs: 100,
  endingRetryMs: 100,
  revalidateTimeoutMs: 2_000,
  revalidateRetryMs: 200,
  chatRetryMs: 30,
  policyIntervalMs: 100,
  editIntervalMs: 300,
  fanOutIntervalMs: 200,
  fanOutEditMs: 300,
  pauseIntervalMs: 200,
  sessionIntervalMs: 200,
  waitingIntervalMs: 300,
  sweepIntervalMs: 1_000,
  httpCloseMs: 500,
  readinessCacheMs: 0,
}
