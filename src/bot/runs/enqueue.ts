import type { Run } from '#core/runs/run'
import type { BotContext } from '#src/bot/context'
import { endUnstartedRun } from '#src/lifecycle/end-unstarted'
import { rememberThread } from './thread-target.ts'

/** Window in which a person's runs are counted, so that the queue is fair. */
const fairnessWindowSeconds = 60

/**
 * Enqueues a run. `ready` receives how many of the person's runs were queued lately, this one included; it saves the
 * run and writes its "queued" message, after the audit record and before any worker can take the run. A full queue ends
 * the run, and its message says so.
 */
export async function enqueue(
  context: BotContext,
  draft: Run,
  ready: (recentRuns: number) => Promise<Run>,
): Promise<void> {
  const record = { spec: context.hash(draft.spec) }
  await context.span(draft.id, 'audit-queued', () => context.audit('queued', draft.id, draft.request.by.id, record))
  const recentRuns = await context.store.count(`queued:${draft.request.by.id}`, fairnessWindowSeconds)
  await enqueueSaved(context, await ready(recentRuns), recentRuns)
}

/** Enqueues a run that is saved and whose message is written; it may be in the queue already. */
export async function enqueueSaved(context: BotContext, run: Run, recentRuns = 1): Promise<void> {
  await rememberThread(context, run)
  if ((await context.span(run.id, 'enqueue', () => context.queue.add(run, recentRuns))) === 'full') {
    const message = 'the queue is full: too many runs are waiting. Nothing was run; try again in a minute'
    await endUnstartedRun(context, run, 'queued', { reason: 'refused', message })
  } else context.count('queued')
}
