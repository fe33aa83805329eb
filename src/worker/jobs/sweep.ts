import { approvalState, isPastHalfTime } from '#core/approvals/approval'
import { verified } from '#core/ports/store'
import { type End, maxQueueWaitMs, type Run } from '#core/runs/run'
import { backfillAudit } from '#src/lifecycle/audit-backfill'
import { announceUnstarted, endUnstartedRun, isRequest, unstartedDetails } from '#src/lifecycle/end-unstarted'
import type { WorkerContext } from '#src/worker/context'
import { batchOutcomes } from '#src/worker/runs/batch-audit-text'
import { endDetails } from '#src/worker/runs/deliver-result'
import type { RunExecutor } from '#src/worker/runs/execute-run'
import { transcriptDigest } from '#src/worker/runs/transcript-writer'
import { runsWithActiveSessions, sweepSessions } from '#src/worker/sessions/session-jobs'

const approvalExpired = { reason: 'expired', message: 'nobody decided it in time' } as const

const neverStarted = {
  reason: 'expired',
  message: 'no worker took it within five minutes, so it was not started; run it again if you still want it',
} as const

/**
 * Returns a job that cleans up after workers: it delivers results that were not delivered, and removes debug pods whose
 * run has ended. Safe to run repeatedly and in any number of workers.
 */
export function createSweep(context: WorkerContext, deliverLater: RunExecutor['deliverLater']): () => Promise<void> {
  let firstSeen = new Map<string, number>()
  return async () => {
    const previous = firstSeen
    firstSeen = new Map()
    await deliverMissingResults(context, deliverLater, (id) => {
      const since = previous.get(id) ?? performance.now()
      firstSeen.set(id, since)
      // Endings from an outage of Redis are old but were saved only now: their own workers are about to deliver them.
      return performance.now() - since >= context.timing.undeliveredSeenMs
    })
    await removeLeftovers(context)
  }
}

async function deliverMissingResults(
  context: WorkerContext,
  deliverLater: RunExecutor['deliverLater'],
  isSeenLong: (id: string) => boolean,
): Promise<void> {
  const undelivered: Run[] = []
  let pastHalfTime = 0
  for (const id of await context.store.openRuns()) {
    const run = await context.store.run(id)
    if (isRequestPastHalfTime(context, verified(run))) pastHalfTime += 1
    // Nothing can be done with a broken run: its message and its requester aren't known for certain.
    if (run === undefined || run === 'broken' || run.toldAt !== undefined) await context.store.closeRun(id)
    else if (run.state === 'asking' && isUndecided(context, run))
      await endUnstartedRun(context, run, 'asking', approvalExpired)
    else if (isNeverStarted(context, run)) await endUnstartedRun(context, run, 'queued', neverStarted)
    else if (
      isUndelivered(context, run) &&
      isSeenLong(id) &&
      (await context.store.acquireLock(`tell:${id}`, getGraceMs(context, run) / 1_000))
    )
      undelivered.push(run)
  }
  context.observeApprovals(pastHalfTime)
  await backfillAudit(context, undelivered, (run, end) => getEndDetails(context, run, end))
  for (const run of undelivered) {
    if (isRequest(run)) await announceUnstarted(context, run)
    else deliverLater(run)
  }
}

async function removeLeftovers(context: WorkerContext): Promise<void> {
  await sweepSessions(context)
  let activeRuns = await runsWithActiveSessions(context)
  for (const cluster of context.clusters.values()) {
    const removed = await cluster.reap(async (id) => {
      const run = await context.store.run(id)
      if (run === undefined || run === 'broken') return false
      if (run.state !== 'ended' || isSettling(context, run) || activeRuns.has(id)) return true
      // The run may have ended, and its container become a session, only after the sessions were read.
      activeRuns = await runsWithActiveSessions(context)
      return activeRuns.has(id)
    })
    for (const run of removed)
      context.log.warn({ run, cluster: cluster.name }, 'removed a debug pod that was left behind')
  }
}

function isUndecided(context: Pick<WorkerContext, 'now'>, { approval }: Run): boolean {
  return approval !== undefined && approvalState(approval, context.now().toISOString()) === 'expired'
}

function isRequestPastHalfTime(context: Pick<WorkerContext, 'now'>, run: Run | undefined): boolean {
  if (run?.state !== 'asking' || run.approval === undefined) return false
  return isPastHalfTime(run.approval, context.now().toISOString())
}

/** Returns true for a run that has waited too long to be started: its job was lost, or no worker came. */
function isNeverStarted(context: Pick<WorkerContext, 'now' | 'timing'>, run: Run): boolean {
  return (
    run.state === 'queued' &&
    context.now().getTime() - Date.parse(run.queuedAt) > maxQueueWaitMs + context.timing.undeliveredGraceMs
  )
}

/** Returns true while the run's own worker may still be removing its pod. */
function isSettling(context: Pick<WorkerContext, 'now' | 'timing'>, { end }: Run): boolean {
  return end !== undefined && context.now().getTime() - Date.parse(end.at) < context.timing.settleMs
}

function isUndelivered(context: WorkerContext, run: Run): boolean {
  // The terminal role shows the ends of sessions.
  if (run.terminal !== undefined) return false
  return run.end !== undefined && context.now().getTime() - Date.parse(run.end.at) > getGraceMs(context, run)
}

/**
 * Returns the ms before the sweep delivers an ending. The process that ended a request tries only once to deliver that;
 * a run's worker continues to try.
 */
function getGraceMs({ timing }: WorkerContext, run: Run): number {
  return isRequest(run) ? timing.settleMs : timing.undeliveredGraceMs
}

async function getEndDetails(
  context: Pick<WorkerContext, 'store'>,
  run: Run,
  end: End,
): Promise<Record<string, string>> {
  return isRequest(run)
    ? unstartedDetails(end)
    : {
        ...endDetails(end, (await transcriptDigest(context, run.id)).digest('hex'), run.spec),
        ...(await batchOutcomes(context.store, run)),
      }
}
