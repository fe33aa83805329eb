/**
 * Time limits, polling intervals, cache ages and lease times of the program, in milliseconds. They are part of the contexts, so that
 * a test sets its own; owners of an installation don't set them.
 */
export type Timing = {
  /** After which a command that Redis hasn't taken is not accepted. Slack waits for three seconds. */
  acceptTimeoutMs: number
  /** After which a command whose bot died is taken over by another one. Renewed four times as often. */
  commandLeaseMs: number
  /** Between two looks for commands whose bot died. */
  takeOverIntervalMs: number
  /** After which BullMQ hands a run whose worker died to another one. */
  runLockMs: number
  /** Between two looks of BullMQ for runs whose worker died. */
  stalledIntervalMs: number
  /** After which the place of a run whose worker died is free. Renewed three times as often. */
  slotLeaseMs: number
  /** Between two looks for waiting runs whose turn it is though no message said so. */
  slotIntervalMs: number
  /** For which a worker without runs may take to close, where Redis is away. */
  workerCloseMs: number
  /** For which the queue's giving end may take to close, where Redis is away. */
  queueCloseMs: number
  /** Between two looks at Redis' clock. */
  clockIntervalMs: number
  /** Longest pause before Redis is connected to again. */
  redisRetryMs: number
  /** Between two tries to save output or an ending. */
  saveRetryMs: number
  /** Before an ending that the chat didn't take is sent again; doubles, up to a minute's half. */
  endingRetryMs: number
  /** Between two sweeps after what was left behind. */
  sweepIntervalMs: number
  /** For which an ending may stay untold before another worker tells it. */
  untoldGraceMs: number
  /** For which a worker must have seen an ending untold before it tells it. */
  untoldSeenMs: number
  /** After its end, in which a run's own worker removes its pod, and who ended a request says so. */
  settleMs: number
  /** For which a chat that is away is asked again who somebody is, before a run is refused. */
  revalidateTimeoutMs: number
  revalidateRetryMs: number
  /** For which an answer of a chat or of Entra about a person is used again. */
  personCacheMs: number
  /** Between two edits of one message in Slack or Teams, in the long run. */
  editIntervalMs: number
  /** Before what failed is asked of Slack or Microsoft Graph once more; doubles. */
  chatRetryMs: number
  /** For which one look at an image in its registry may take, with its token, its redirects and its second try. */
  registryTimeoutMs: number
  /** Before a registry that had trouble is asked once more. */
  registryRetryMs: number
  /** For which an answer about a tag is used again for what nobody has to approve: a moved tag is soon the new one. */
  tagCacheMs: number
  /** That one call to Slack may take. */
  chatTimeoutMs: number
  /** Between two looks at the policy file. */
  policyIntervalMs: number
  /** Between two updates of fan-outs' messages. */
  fanOutIntervalMs: number
  /** At least between two edits of one fan-out's message, whatever its chat takes. */
  fanOutEditMs: number
  /** After which the message of a fan-out whose worker died is another worker's. */
  fanOutLeaseMs: number
  /** Between two looks at a fan-out's runs whose end no worker reported. */
  fanOutCheckMs: number
  /** Between two updates of waiting runs' messages. */
  waitingIntervalMs: number
  /** For which a run waits before its message says its position. */
  waitingFirstMs: number
  /** Between two edits of a waiting run's message, beside some more for each run in front of it. */
  waitingEditMs: number
  /** Between two looks for sessions that are to be ended. */
  sessionIntervalMs: number
  /** After which a session whose worker died over its end is another worker's to end. */
  sessionEndLeaseMs: number
  /** At most between two signs that something runs in a session's container. */
  sessionHeartbeatMs: number
  /** For which a closing HTTP server waits for requests in progress. */
  httpCloseMs: number
  /** For which a stop waits for what is in progress, altogether. */
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
  untoldGraceMs: 90_000,
  untoldSeenMs: 10_000,
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
  chatTimeoutMs: 10_000,
  fanOutLeaseMs: 60_000,
  fanOutCheckMs: 15_000,
  waitingIntervalMs: 3_000,
  waitingFirstMs: 5_000,
  waitingEditMs: 15_000,
  sessionIntervalMs: 1_000,
  sessionEndLeaseMs: 60_000,
  sessionHeartbeatMs: 15_000,
  httpCloseMs: 2_000,
  stopTimeoutMs: 20_000,
}
