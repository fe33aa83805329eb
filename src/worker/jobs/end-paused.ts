import { verified } from '#core/ports/store'
import { type Pause, pauseCanceler, pauseText } from '#core/runs/pause'
import type { Run } from '#core/runs/run'
import { currentPause } from '#src/lifecycle/current-pause'
import { endUnstartedRun } from '#src/lifecycle/end-unstarted'
import type { WorkerContext } from '#src/worker/context'
import { endSession } from '#src/worker/sessions/session-jobs'
import { withLock } from './with-lock.ts'

/**
 * Ends all open runs and sessions while a pause is in force: requests and queued runs here, started ones by their
 * workers. Every worker calls this periodically, and one at a time does it; safe to repeat.
 */
export async function endPausedJob(context: WorkerContext): Promise<void> {
  const pause = await currentPause(context)
  if (pause === undefined) return
  await withLock(context.store, 'end-paused', { leaseMs: context.timing.sessionEndLeaseMs }, async () => {
    for (const id of await context.store.openRuns()) {
      const run = verified(await context.store.run(id))
      if (run !== undefined && run.end === undefined) await endRun(context, run, pause)
    }
    for (const { key, session } of await context.sessions.all())
      if (session !== 'forged') await endSession(context, { key, session }, { by: pause.by, why: pauseText(pause) })
  })
}

async function endRun(context: WorkerContext, run: Run, pause: Pause): Promise<void> {
  const why = { reason: 'paused' as const, message: pauseText(pause) }
  if (run.state === 'asking') return endUnstartedRun(context, run, 'asking', why)
  if (run.state === 'queued' && ((await context.queue.remove(run.id)) || !(await context.queue.has(run.id))))
    return endUnstartedRun(context, run, 'queued', why)
  // The terminal role ends open sessions.
  if (run.terminal !== undefined) return
  // A worker has it: it ends the tool, or doesn't start it.
  await context.cancelBus.cancel(run.id, pauseCanceler)
}
