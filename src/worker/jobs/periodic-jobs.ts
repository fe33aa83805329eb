import { trackPendingWork } from '#core/util/pending-work'
import type { WorkerContext } from '#src/worker/context'
import { updateFanOutsJob } from '#src/worker/fan-out/update-fan-outs'
import type { RunExecutor } from '#src/worker/runs/execute-run'
import { endSessionsJob } from '#src/worker/sessions/session-jobs'
import { endPausedJob } from './end-paused.ts'
import { updateQueuePositionsJob } from './queue-positions.ts'
import { createSweep } from './sweep.ts'

/**
 * Starts the periodic jobs that any worker does for all. Returns a function that stops them: no further job starts, and
 * it resolves when those in progress have ended, because their locks delay other workers until they are released or
 * expire.
 */
export function startJobs(context: WorkerContext, deliverLater: RunExecutor['deliverLater']): () => Promise<void> {
  const { watched, settled } = trackPendingWork()
  const { timing } = context
  const timers = [
    repeat('leftovers could not be cleaned up', timing.sweepIntervalMs, createSweep(context, deliverLater)),
    repeat('fan-outs could not be updated', timing.fanOutIntervalMs, () => updateFanOutsJob(context)),
    repeat('queue positions could not be updated', timing.waitingIntervalMs, () => updateQueuePositionsJob(context)),
    repeat('open runs could not be ended for the pause', timing.pauseIntervalMs, () => endPausedJob(context)),
    repeat('sessions could not be ended', timing.sessionIntervalMs, () => endSessionsJob(context)),
  ]
  function repeat(failureText: string, intervalMs: number, job: () => Promise<void>) {
    const tracked = watched(job)
    const runJob = () => {
      tracked().catch((error: unknown) => context.log.warn({ error: String(error) }, `${failureText}; retrying soon`))
    }
    runJob()
    return setInterval(runJob, intervalMs)
  }
  return () => {
    for (const timer of timers) clearInterval(timer)
    return settled()
  }
}
