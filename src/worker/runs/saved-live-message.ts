import type { MessageRef } from '#core/messages/thread-ref'
import type { ChatAdapter } from '#core/ports/chat'
import { verified } from '#core/ports/store'
import type { Run } from '#core/runs/run'
import type { WorkerContext } from '#src/worker/context'
import { withLock } from '#src/worker/jobs/with-lock'
import { createLiveMessage, type LiveMessage } from './live-message.ts'
import { retrySave } from './retry-save.ts'
import type { StoredRefs } from './run-messages.ts'

type LiveMessageContext = Pick<WorkerContext, 'store' | 'log' | 'timing' | 'span'>

/** Creates the live message of a run. References of messages that are posted are stored with the run at once. */
export function liveMessageOf(context: LiveMessageContext, adapter: ChatAdapter, run: Run): LiveMessage {
  return createLiveMessage(adapter, run, {
    log: context.log,
    endingRetryMs: context.timing.endingRetryMs,
    // Progress is shown also while the store is unavailable: nobody can have saved an end then.
    hasEnded: () =>
      context.store.run(run.id).then(
        (now) => verified(now)?.end !== undefined,
        () => false,
      ),
    refs: storedRefs(context, run),
  })
}

function storedRefs(context: LiveMessageContext, run: Run): StoredRefs {
  const save = (refs: Partial<Pick<Run, 'message' | 'outputMessage'>>) =>
    retrySave(context, run, () =>
      context.span(run.id, 'save-message', async () => {
        await context.store.changeRun(run.id, (now) => ({ ...now, ...refs }))
      }),
    )
  return {
    saveMessage: (message) => save({ message }),
    async postOutputMessage(post, gone) {
      let ref: MessageRef | undefined
      // The lock of a worker that died has expired when its run goes to another one.
      const times = { leaseMs: context.timing.runLockMs }
      await withLock(context.store, `output-message:${run.id}`, times, async () => {
        const stored = verified(await context.store.run(run.id))?.outputMessage
        if (stored !== undefined && stored.message !== gone?.message) {
          ref = stored
          return
        }
        ref = await post()
        await save({ outputMessage: ref })
      })
      if (ref === undefined) throw new Error('another worker is posting the output message')
      return ref
    },
  }
}
