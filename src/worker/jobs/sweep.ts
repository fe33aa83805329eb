import { approvalState } from '#core/approvals/approval'
import { type End, longestWait, type Run } from '#core/runs/run'
import { recordLate } from '#src/lifecycle/audit-backfill'
import { endUnrun, isRequest, tellUnrun, unrunDetails } from '#src/lifecycle/end-unstarted'
import type { WorkerHouse } from '#src/worker/context'
import { endDetails } from '#src/worker/runs/deliver-result'
import type { Conductor } from '#src/worker/runs/execute-run'
import { openReport } from '#src/worker/runs/live-message'
import { digest } from '#src/worker/runs/transcript-writer'
import { runsWithGuests, sweepSessions } from '#src/worker/sessions/session-jobs'

const undecided = { reason: 'expired', message: 'nobody decided it in time' } as const

const forgotten = {
  reason: 'expired',
  message: 'no worker took it within five minutes, so it was not started; run it again if you still want it',
} as const

/**
 * The way to look after what a worker left behind, again and again: tells endings that nobody told, and removes debug pods whose run
 * has ended. Safe to run in any number of workers.
 */
export function openSweep(house: WorkerHouse, tellLater: Conductor['tellLater']): () => Promise<void> {
  let seen = new Map<string, number>()
  return async () => {
    const before = seen
    seen = new Map()
    await tellWhatNobodyTold(house, tellLater, (id) => {
      const first = before.get(id) ?? performance.now()
      seen.set(id, first)
      // Endings of the time in which Redis was away are old, and were saved only now: their own workers are about to tell them.
      return performance.now() - first >= house.timing.untoldSeenMs
    })
    await removeWhatIsLeft(house)
  }
}

async function tellWhatNobodyTold(
  house: WorkerHouse,
  tellLater: Conductor['tellLater'],
  isSeenLong: (id: string) => boolean,
): Promise<void> {
  const late: Run[] = []
  for (const id of await house.store.openRuns()) {
    const run = await house.store.run(id)
    if (run === undefined || run.toldAt !== undefined) await house.store.closeRun(id)
    else if (run.state === 'asking' && isUndecided(house, run)) await endUnrun(house, run, 'asking', undecided)
    else if (isForgotten(house, run)) await endUnrun(house, run, 'queued', forgotten)
    else if (
      isUntold(house, run) &&
      isSeenLong(id) &&
      (await house.store.claim(`tell:${id}`, graceOf(house, run) / 1_000))
    )
      late.push(run)
  }
  await recordLate(house, late, (run, end) => detailsOf(house, run, end))
  for (const run of late) {
    if (isRequest(run)) await tellUnrun(house, run)
    else tellAgain(house, run, tellLater)
  }
}

async function removeWhatIsLeft(house: WorkerHouse): Promise<void> {
  await sweepSessions(house)
  let guests = await runsWithGuests(house)
  for (const cluster of house.clusters.values()) {
    const removed = await cluster.reap(async (id) => {
      const run = await house.store.run(id)
      if (run === undefined) return false
      if (run.state !== 'ended' || isSettling(house, run) || guests.has(id)) return true
      // It may have ended, and its container stay, only since they were counted.
      guests = await runsWithGuests(house)
      return guests.has(id)
    })
    for (const run of removed)
      house.log.warn({ run, cluster: cluster.name }, 'removed a debug pod that was left behind')
  }
}

function isUndecided(house: WorkerHouse, { approval }: Run): boolean {
  return approval !== undefined && approvalState(approval, house.now().toISOString()) === 'expired'
}

/** It waits for longer than any worker would still start it: its job was lost, or no worker came. */
function isForgotten(house: WorkerHouse, run: Run): boolean {
  return (
    run.state === 'queued' &&
    house.now().getTime() - Date.parse(run.queuedAt) > longestWait + house.timing.untoldGraceMs
  )
}

/** Its own worker removes its pod just now. */
function isSettling(house: WorkerHouse, { end }: Run): boolean {
  return end !== undefined && house.now().getTime() - Date.parse(end.at) < house.timing.settleMs
}

function isUntold(house: WorkerHouse, run: Run): boolean {
  return run.end !== undefined && house.now().getTime() - Date.parse(run.end.at) > graceOf(house, run)
}

/** Whoever ended a request tried once to say so; a run's worker goes on trying. */
function graceOf({ timing }: WorkerHouse, run: Run): number {
  return isRequest(run) ? timing.settleMs : timing.untoldGraceMs
}

async function detailsOf(house: WorkerHouse, run: Run, end: End): Promise<Record<string, string>> {
  return isRequest(run) ? unrunDetails(end) : endDetails(end, (await digest(house, run.id)).digest('hex'))
}

function tellAgain(house: WorkerHouse, run: Run, tellLater: Conductor['tellLater']): void {
  const adapter = house.adapters.get(run.message.platform)
  if (adapter !== undefined) tellLater(run, openReport(adapter, run.message, house.log, house.timing))
}
