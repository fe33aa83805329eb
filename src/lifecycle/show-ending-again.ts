import { sessionMessage } from '#core/messages/session-message'
import { type Store, verified } from '#core/ports/store'
import type { Catalogue } from '#core/request/tool'
import type { Run } from '#core/runs/run'
import type { Timing } from '#core/util/default-timings'
import { doublingDelay, poll } from '#core/util/retry'
import { isRequest } from './end-unstarted.ts'
import { type MessageContext, updateMessage, updateRequestMessages } from './update-message.ts'
import { updateResult } from './update-result.ts'

/** Milliseconds for which another process's delivery of an ending is waited for; one that comes later is the newest edit. */
const deliveryTimeoutMs = 60_000
const deliveryPollMs = 500

/** Milliseconds for which a chat that doesn't accept an ending is asked again, and the longest delay between two requests. */
export const endingTimeoutMs = 60 * 60_000
export const maxEndingDelayMs = 30_000

type EndingContext = MessageContext & {
  store: Pick<Store, 'run' | 'storedOutput'>
  catalogue: Catalogue
  timing: Pick<Timing, 'endingRetryMs'>
}

/**
 * Shows a run's ending again, once the process that saved it has delivered it: for a process whose own edit of the
 * message came late and may have replaced it. Does nothing where the run hasn't ended.
 */
export async function showEndingAgain(context: EndingContext, { id }: Pick<Run, 'id'>): Promise<void> {
  const run = await poll(
    async () => verified(await context.store.run(id)),
    (saved, { elapsedMs }) =>
      saved?.end !== undefined && saved.toldAt === undefined && elapsedMs < deliveryTimeoutMs
        ? deliveryPollMs
        : undefined,
  )
  const { end } = run ?? {}
  if (run?.toldAt === undefined || end === undefined) return
  const show = () => {
    if (isRequest(run)) return updateRequestMessages(context, run, end.at)
    if (run.terminal !== undefined) return updateMessage(context, run.message, sessionMessage(run, end.at))
    return updateResult(context, run, end)
  }
  await poll(show, (isShown, { attempt, elapsedMs }) =>
    isShown || elapsedMs > endingTimeoutMs
      ? undefined
      : doublingDelay(context.timing.endingRetryMs, attempt, maxEndingDelayMs),
  )
}
