/**
 * Timeouts, polling intervals, cache ages and lease times of the program, in ms. They are part of the contexts, so that
 * a test can set its own; owners of an installation don't set them.
 */
export type Timing = {
  /** Maximum time to store a command in Redis; after that it isn't accepted. Slack waits for 3 seconds. */
  acceptTimeoutMs: number
  /** Lease of a command, after which another bot process takes it over. Renewed four times per lease. */
  commandLeaseMs: number
  /** Interval of checks for commands whose bot process died. */
  takeOverIntervalMs: number
  /** BullMQ's job lock, after which a run whose worker died goes to another worker. */
  runLockMs: number
  /** Interval of BullMQ's checks for runs whose worker died. */
  stalledIntervalMs: number
  /**
   * Lease of a concurrency slot, after which the slot of a run whose worker died is free. Renewed three times per
   * lease.
   */
  slotLeaseMs: number
  /** Interval of checks for waiting runs that can start although their notification was lost. */
  slotIntervalMs: number
  /** Maximum time to close a worker without runs, where Redis is unreachable. */
  workerCloseMs: number
  /** Maximum time to close the producer side of the queue, where Redis is unreachable. */
  queueCloseMs: number
  /** Interval of reads of Redis' clock. */
  clockIntervalMs: number
  /** Maximum delay before a reconnection to Redis. */
  redisRetryMs: number
  /** Delay between two attempts to save output or an ending. */
  saveRetryMs: number
  /** First delay before a result that the chat refused is sent again; doubles up to 30 seconds. */
  endingRetryMs: number
  /** Interval of sweeps for leftovers, such as debug pods and undelivered results. */
  sweepIntervalMs: number
  /** Minimum age of an undelivered result before another worker delivers it. */
  undeliveredGraceMs: number
  /** Minimum time for which a worker must have seen a result undelivered before it delivers it. */
  undeliveredSeenMs: number
  /**
   * Time after the end in which a run's own worker removes its pod, and the process that ended an approval request
   * delivers that result; the sweep acts only later.
   */
  settleMs: number
  /** Maximum time of retries to revalidate a person on an unreachable platform, before a run is refused. */
  revalidateTimeoutMs: number
  /** Delay between two of these retries. */
  revalidateRetryMs: number
  /** Cache age of a person's data from a chat platform or Entra. */
  personCacheMs: number
  /** Average minimum time between two edits of one message in Slack or Teams. */
  editIntervalMs: number
  /** First delay before a failed request to Slack or Microsoft Graph is retried; doubles. */
  chatRetryMs: number
  /** Timeout of one image lookup in its registry, including token, redirects and one retry. */
  registryTimeoutMs: number
  /** Delay before a failed request to a registry is retried. */
  registryRetryMs: number
  /** Cache age of a tag's digest for runs without approval: a moved tag takes effect soon. */
  tagCacheMs: number
  /** Maximum time for which a run that is announced to approvers waits for the chat to accept that. */
  announceTimeoutMs: number
  /** Timeout of one request to Slack. */
  chatTimeoutMs: number
  /** Interval of checks of the policy file for changes. */
  policyIntervalMs: number
  /** Interval of the job that updates fan-outs' messages. */
  fanOutIntervalMs: number
  /** Minimum time between two looks at the results of checks while others of their run go on. */
  interimResultsMs: number
  /** Minimum time between two edits of one fan-out's message, even if its chat platform allows more. */
  fanOutEditMs: number
  /** Lease of a fan-out's message, after which another worker updates it if its worker died. */
  fanOutLeaseMs: number
  /** Lease of a result whose files are attached, after which another worker attaches them if its worker died. */
  deliveryLeaseMs: number
  /** Interval of checks for a fan-out's runs whose end no worker reported. */
  fanOutCheckMs: number
  /** Interval of the job that updates the queue positions in messages. */
  waitingIntervalMs: number
  /** Time for which a run waits before its message shows its position. */
  waitingFirstMs: number
  /** Minimum time between two edits of a waiting run's message; more for each run ahead of it. */
  waitingEditMs: number
  /** Interval of checks whether all runs are paused, by workers and for metrics. */
  pauseIntervalMs: number
  /** Interval of checks for sessions that have to be ended. */
  sessionIntervalMs: number
  /** Lease of the worker that ends a session, after which another worker ends it. */
  sessionEndLeaseMs: number
  /** Maximum interval of heartbeats of a run in a session's container. */
  sessionHeartbeatMs: number
  /** Interval of pings to the browsers of sessions, and the silence after which a connection is closed. */
  terminalPingMs: number
  terminalDeadMs: number
  /** Maximum time for a browser to prove that it opened a session's link. */
  terminalHelloMs: number
  /** Time after which the page shows that output waits for the store. */
  terminalNoticeMs: number
  /** Maximum time for which output waits to be recorded, and the delay between two attempts; then its session ends. */
  recordingTimeoutMs: number
  recordingRetryMs: number
  /** Time after which recorded events are moved to a segment. */
  recordingSegmentMs: number
  /** Interval at which a process says that it holds a session's connection. */
  terminalLeaseMs: number
  /** Interval of checks of all sessions: their time, what is to be removed, the time that is left. */
  terminalSweepMs: number
  /** Interval at which the rights of a session's person are asked again. */
  terminalRightsMs: number
  /** Maximum time that a closing HTTP server waits for requests in progress. */
  httpCloseMs: number
  /** Maximum time for the head of an HTTP request, and for the whole request; a slower client gets 408. */
  httpHeadersMs: number
  httpRequestMs: number
  /** Time after which an HTTP connection on which nothing is sent either way is closed. */
  httpIdleMs: number
  /** Interval of checks for HTTP requests that take too long. */
  httpCheckMs: number
  /** Cache age of the answer of `/readyz`. */
  readinessCacheMs: number
  /** Interval of reads of the state that metrics show: memory of Redis, debug pods. */
  stateMetricsMs: number
  /** Interval of reads of the certificates at the bot's addresses. */
  certificateIntervalMs: number
  /** Maximum total time that a shutdown waits for work in progress. */
  stopTimeoutMs: number
}

export const defaultTiming: Timing = {
  acceptTimeoutMs: 1_500,
  commandLeaseMs: 6_000,
  takeOverIntervalMs: 2_000,
  runLockMs: 20_000,
  stalledIntervalMs: 10_000,
  slotLeaseMs: 30_000,
  slotIntervalMs: 1_000,
  workerCloseMs: 5_000,
  queueCloseMs: 3_000,
  clockIntervalMs: 10_000,
  redisRetryMs: 2_000,
  saveRetryMs: 500,
  endingRetryMs: 500,
  sweepIntervalMs: 15_000,
  undeliveredGraceMs: 90_000,
  undeliveredSeenMs: 10_000,
  settleMs: 10_000,
  revalidateTimeoutMs: 20_000,
  revalidateRetryMs: 2_000,
  personCacheMs: 60_000,
  editIntervalMs: 1_000,
  chatRetryMs: 300,
  registryTimeoutMs: 5_000,
  registryRetryMs: 300,
  tagCacheMs: 5_000,
  policyIntervalMs: 2_000,
  fanOutIntervalMs: 1_000,
  fanOutEditMs: 1_000,
  interimResultsMs: 500,
  announceTimeoutMs: 10_000,
  chatTimeoutMs: 10_000,
  fanOutLeaseMs: 60_000,
  deliveryLeaseMs: 60_000,
  fanOutCheckMs: 15_000,
  waitingIntervalMs: 3_000,
  waitingFirstMs: 5_000,
  waitingEditMs: 15_000,
  pauseIntervalMs: 1_000,
  sessionIntervalMs: 1_000,
  sessionEndLeaseMs: 60_000,
  sessionHeartbeatMs: 15_000,
  terminalPingMs: 20_000,
  terminalDeadMs: 45_000,
  terminalHelloMs: 10_000,
  terminalNoticeMs: 3_000,
  recordingTimeoutMs: 5_000,
  recordingRetryMs: 200,
  recordingSegmentMs: 1_000,
  terminalLeaseMs: 10_000,
  terminalSweepMs: 1_000,
  terminalRightsMs: 60_000,
  httpCloseMs: 2_000,
  httpHeadersMs: 10_000,
  httpRequestMs: 20_000,
  httpIdleMs: 60_000,
  httpCheckMs: 1_000,
  readinessCacheMs: 5_000,
  stateMetricsMs: 30_000,
  certificateIntervalMs: 3_600_000,
  stopTimeoutMs: 20_000,
}

/** Returns the default times, some of them replaced. Throws for a name that none of them has: it would have no effect. */
export function timingWith(own: Partial<Timing>): Timing {
  const unknown = Object.keys(own).filter((name) => !Object.hasOwn(defaultTiming, name))
  if (unknown.length > 0) throw new Error(`no time is called ${unknown.join(', ')}`)
  return { ...defaultTiming, ...own }
}
