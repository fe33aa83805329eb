import type { ChatAdapter } from '#core/ports/chat'
import { verified } from '#core/ports/store'
import type { Run } from '#core/runs/run'
import type { WorkerContext } from '#src/worker/context'
import { createLiveMessage, type LiveMessage } from './live-message.ts'
import { retrySave } from './retry-save.ts'

/** Creates the live message of a run. References of messages that are posted are stored with the run at once. */
export function liveMessageOf(
  context: Pick<WorkerContext, 'store' | 'log' | 'timing' | 'span'>,
  adapter: ChatAdapter,
  run: Run,
): LiveMessage {
  return createLiveMessage(adapter, run, {
    log: context.log,
    endingRetryMs: context.timing.endingRetryMs,
    // Progress is shown also while the store is unavailable: nobody can have saved an end then.
    hasEnded: () =>
      context.store.run(run.id).then(
        (now) => verified(now)?.end !== undefined,
        () => false,
      ),
    save: (refs) =>
      retrySave(context, run, () =>
        context.span(run.id, 'save-message', async () => {
          await context.store.changeRun(run.id, (now) => ({ ...now, ...refs }))
        }),
      ),
  })
}
