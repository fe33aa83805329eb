import { type Store, verified } from '#core/ports/store'
import type { Run } from '#core/runs/run'
import { poll } from '#core/util/retry'

/**
 * Milliseconds for which a run's message is locked to update its queue position; afterwards others edit the message
 * regardless.
 */
export const messageLockMs = 20_000

/** Interval between two reads of the run. */
const pollIntervalMs = 50

/**
 * Resolves when no process is still updating the queue position in a run's message, or the lock has expired: an edit in
 * progress must not arrive after the first edit of the worker that runs it, or of the process that ends it.
 */
export async function waitForMessageLock(
  context: { store: Pick<Store, 'run'>; now: () => Date },
  run: Run,
): Promise<void> {
  const isLocked = (saved: Run | undefined) =>
    saved?.tellingUntil !== undefined && Date.parse(saved.tellingUntil) >= context.now().getTime()
  if (!isLocked(run)) return
  await poll(
    async () => verified(await context.store.run(run.id)),
    (saved) => (isLocked(saved) ? pollIntervalMs : undefined),
  )
}
