import { approvalState } from '#core/approvals/approval'
import { type End, longestWait, type Run } from '#core/runs/run'
import { backfillAudit } from '#src/lifecycle/audit-backfill'
import { announceUnstarted, endUnstartedRun, isRequest, unstartedDetails } from '#src/lifecycle/end-unstarted'
import type { WorkerContext } from '#src/worker/context'
import { endDetails } from '#src/worker/runs/deliver-result'
import type { RunExecutor } from '#src/worker/runs/execute-run'
import { openLiveMessage } from '#src/worker/runs/live-message'
import { transcriptDigest } from '#src/worker/runs/transcript-writer'
import { runsWithActiveSessions, sweepSessions } from '#src/worker/sessions/session-jobs'

const undecided = { reason: 'expired', message: 'nobody decided it in time' } as const

const forgotten = {
  reason: 'expired',
  message: 'no worker took it within five minutes, so it was not started; run it again if you still want it',
} as const

/**
 * The way to look after what a worker left behind, again and again: tells endings that nobody told, and removes debug pods whose run
 * has ended. Safe to run in any number of workers.
 */
export function createSweep(context: WorkerContext, tellLater: RunExecutor['deliverLater']): () => Promise<void> {
  let seen = new Map<string, number>()
  return async () => {
    const before = seen
    seen = new Map()
    await tellWhatNobodyTold(context, tellLater, (id) => {
      const first = before.get(id) ?? performance.now()
      seen.set(id, first)
      // Endings of the time in which Redis was away are old, and were saved only now: their own workers are about to tell them.
      return performance.now() - first >= context.timing.untoldSeenMs
    })
    await removeWhatIsLeft(context)
  }
}

async function tellWhatNobodyTold(
  context: WorkerContext,
  tellLater: RunExecutor['deliverLater'],
  isSeenLong: (id: string) => boolean,
): Promise<void> {
  const late: Run[] = []
  for (const id of await context.store.openRuns()) {
    const run = await context.store.run(id)
    if (run === undefined || run.toldAt !== undefined) await context.store.closeRun(id)
    else if (run.state === 'asking' && isUndecided(context, run))
      await endUnstartedRun(context, run, 'asking', undecided)
    else if (isForgotten(context, run)) await endUnstartedRun(context, run, 'queued', forgotten)
    else if (
      isUntold(context, run) &&
      isSeenLong(id) &&
      (await context.store.acquireLock(`tell:${id}`, graceOf(context, run) / 1_000))
    )
      late.push(run)
  }
  await backfillAudit(context, late, (run, end) => detailsOf(context, run, end))
  for (const run of late) {
    if (isRequest(run)) await announceUnstarted(context, run)
    else tellAgain(context, run, tellLater)
  }
}

async function removeWhatIsLeft(context: WorkerContext): Promise<void> {
  await sweepSessions(context)
  let guests = await runsWithActiveSessions(context)
  for (const cluster of context.clusters.values()) {
    const removed = await cluster.reap(async (id) => {
      const run = await context.store.run(id)
      if (run === undefined) return false
      if (run.state !== 'ended' || isSettling(context, run) || guests.has(id)) return true
      // It may have ended, and its container stay, only since they were counted.
      guests = await runsWithActiveSessions(context)
      return guests.has(id)
    })
    for (const run of removed)
      context.log.warn({ run, cluster: cluster.name }, 'removed a debug pod that was left behind')
  }
}

function isUndecided(context: WorkerContext, { approval }: Run): boolean {
  return approval !== undefined && approvalState(approval, context.now().toISOString()) === 'expired'
}

/** It waits for longer than any worker would still start it: its job was lost, or no worker came. */
function isForgotten(context: WorkerContext, run: Run): boolean {
  return (
    run.state === 'queued' &&
    context.now().getTime() - Date.parse(run.queuedAt) > longestWait + context.timing.untoldGraceMs
  )
}

/** Its own worker removes its pod just now. */
function isSettling(context: WorkerContext, { end }: Run): boolean {
  return end !== undefined && context.now().getTime() - Date.parse(end.at) < context.timing.settleMs
}

function isUntold(context: WorkerContext, run: Run): boolean {
  return run.end !== undefined && context.now().getTime() - Date.parse(run.end.at) > graceOf(context, run)
}

/** Whoever ended a request tried once to say so; a run's worker goes on trying. */
function graceOf({ timing }: WorkerContext, run: Run): number {
  return isRequest(run) ? timing.settleMs : timing.untoldGraceMs
}

async function detailsOf(context: WorkerContext, run: Run, end: End): Promise<Record<string, string>> {
  return isRequest(run)
    ? unstartedDetails(end)
    : endDetails(end, (await transcriptDigest(context, run.id)).digest('hex'))
}

function tellAgain(context: WorkerContext, run: Run, tellLater: RunExecutor['deliverLater']): void {
  const adapter = context.adapters.get(run.message.platform)
  if (adapter !== undefined) tellLater(run, openLiveMessage(adapter, run.message, context.log, context.timing))
}
