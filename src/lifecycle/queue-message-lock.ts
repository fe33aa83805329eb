import type { Store } from '#core/ports/store'
import type { Run } from '#core/runs/run'

/** Milliseconds that telling a place may take: then others write into the run's message all the same. */
export const messageLockMs = 20_000

/** Milliseconds between two looks. */
const interval = 50

/**
 * Resolves when nobody is busy any more with telling the place of a run, whose message is somebody else's by now: an edit that was
 * under way must not come after the first one of those who run it, or end it.
 */
export async function waitForMessageLock(
  context: { store: Pick<Store, 'run'>; now: () => Date },
  run: Run,
): Promise<void> {
  for (let now: Run | undefined = run; now?.tellingUntil !== undefined; now = await context.store.run(run.id)) {
    if (Date.parse(now.tellingUntil) < context.now().getTime()) return
    await new Promise((resolve) => setTimeout(resolve, interval))
  }
}
