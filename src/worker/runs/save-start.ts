import { isStoreFull } from '#core/messages/store-unavailable-message'
import type { DebugProcess } from '#core/ports/cluster'
import { verified } from '#core/ports/store'
import type { End, Run } from '#core/runs/run'
import type { ContainerRef } from '#core/sessions/session'
import { defined } from '#core/util/defined'
import { withTimeout } from '#core/util/timeout'
import { decideOnRun } from '#src/lifecycle/change-run'
import { saveOutcome } from '#src/lifecycle/fan-out-outcomes'
import { raiseAlarm } from '#src/lifecycle/report-tampering'
import type { WorkerContext } from '#src/worker/context'
import type { PlacementSignals, RunPlacement } from '#src/worker/sessions/placement-strategies'

/** Milliseconds within which a started tool may end without an intermediate save of its state. */
const quickEndMs = 20

/** `differs`: another worker has started the run, and it is followed as any interrupted run. */
type SavedStart = { run: Run } | { end: End } | { refusal: 'differs' }

/**
 * Saves and audits the start of a run. Returns an ending where that fails: then nothing is run. The audit log has one
 * start of each run: a run whose earlier state was put back is not run again.
 */
export async function saveStart(
  context: WorkerContext,
  run: Run,
  { place, details }: RunPlacement,
): Promise<SavedStart> {
  const { node, image } = run.spec
  const refused = (message: string): End => {
    return { reason: 'refused', at: context.now().toISOString(), message, complete: true }
  }
  try {
    const saved = await context.span(run.id, 'save-start', () =>
      decideOnRun(context.store, run.id, (now) => {
        const isTaken = now.state !== 'queued'
        return { next: isTaken ? undefined : { ...now, state: 'starting', place }, found: isTaken }
      }),
    )
    if (saved === undefined || saved === 'broken') return { end: refused(changedMessage) }
    if (saved.found) return { refusal: 'differs' }
    const record = { spec: context.hash(run.spec), node, image, ...details }
    const isFirst = await context.span(run.id, 'audit-start', () =>
      context.auditOnce('started', run.id, run.request.by.id, record),
    )
    if (isFirst) {
      context.observeStart((context.now().getTime() - Date.parse(run.queuedAt)) / 1_000)
      return { run: saved.run }
    }
    await raiseAlarm(context, run.id, run.request.by.id, 'an earlier state of a run that was started was put back')
    return { end: { ...refused('it was started before, so it is not started again'), reason: 'lost' } }
  } catch (error) {
    context.log.error({ run: run.id, error: String(error) }, 'its start could not be saved, so it is not started')
    const message = isStoreFull(error)
      ? 'my store (Redis) is full, so nothing was run'
      : 'its start could not be recorded, so nothing was run'
    return { end: refused(message) }
  }
}

const changedMessage = 'its stored state was changed by something other than this program'

/** Shows the start of a run in its fan-out. A failure is only logged. */
export async function saveStartInFanOut(context: WorkerContext, run: Run): Promise<void> {
  await saveOutcome(context, run).catch((error: unknown) =>
    context.log.warn({ run: run.id, error: String(error) }, 'a fan-out could not be updated with the start of a run'),
  )
}

/** A tool whose container runs at `where`. */
type RunningTool = {
  process: DebugProcess
  placement: RunPlacement
  where: ContainerRef
  signals: Pick<PlacementSignals, 'followed'>
}

/** Saves that the tool runs, and in which container, where another worker would need that. */
export async function saveRunning(
  context: WorkerContext,
  run: Run,
  { process, placement, where, signals }: RunningTool,
): Promise<Run> {
  const place = (await placement.onRunning(where, signals)) ?? run.place
  // Most tools have ended by then and need no intermediate state.
  if (place === run.place && (await endsAtOnce(process.ended))) return run
  const { startedAt } = run
  return saveChange(context, run, { state: 'running', ...defined({ startedAt }), place })
}

/** Saves that the run doesn't go into an existing container after all. */
export function saveOwnContainer(context: WorkerContext, run: Run): Promise<Run> {
  return saveChange(context, run, { place: undefined })
}

/** Returns true if `ended` resolves within `quickEndMs`. */
async function endsAtOnce(ended: Promise<unknown>): Promise<boolean> {
  const hasEnded = await withTimeout(
    quickEndMs,
    ended.then(() => true),
  )
  return hasEnded ?? false
}

async function saveChange(context: WorkerContext, run: Run, change: Partial<Run>): Promise<Run> {
  const saved = await context.store.changeRun(run.id, (now) =>
    now.end === undefined ? { ...now, ...change } : undefined,
  )
  return verified(saved) ?? { ...run, ...change }
}
