import type { Run } from '#core/runs/run'
import type { BotContext } from '#src/bot/context'
import { endUnstartedRun } from '#src/lifecycle/end-unstarted'
import { rememberThread } from './thread-target.ts'

/** Seconds over which a person's runs are counted, so that the queue is fair. */
const window = 60

/**
 * Hop 6: what may be run, into the queue. `ready`, given its place, makes its record and its message say "queued", after the audit record and
 * before any worker can have it. A full queue ends the run, and its message says so.
 */
export async function enqueue(context: BotContext, draft: Run, ready: (place: number) => Promise<Run>): Promise<void> {
  const record = { spec: context.hash(draft.spec) }
  await context.span(draft.id, 'audit-queued', () => context.audit('queued', draft.id, draft.request.by.id, record))
  const place = await context.store.count(`queued:${draft.request.by.id}`, window)
  await intoQueue(context, await ready(place), place)
}

/** The same for what is on record and stands in its message: it may be in the queue already. */
export async function intoQueue(context: BotContext, run: Run, place = 1): Promise<void> {
  await rememberThread(context, run)
  if ((await context.span(run.id, 'enqueue', () => context.queue.add(run, place))) === 'full') {
    const message = 'the queue is full: too many runs are waiting. Nothing was run; try again in a minute'
    await endUnstartedRun(context, run, 'queued', { reason: 'refused', message })
  } else context.count('queued')
}
