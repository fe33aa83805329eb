import type { FanOut } from '#core/fan-out/fan-out'
import type { SummaryMessage } from '#core/messages/message'
import { type MessageRef, placeOf, threadUnder } from '#core/messages/thread-ref'
import { type ChatAdapter, isFinalForResults } from '#core/ports/chat'
import { verified } from '#core/ports/store'
import { runRetentionSeconds } from '#core/runs/run'
import type { WorkerContext } from '#src/worker/context'

type FanOutContext = Pick<WorkerContext, 'store' | 'log' | 'span'>

/**
 * Shows a fan-out: in one message, or its counts in the channel and its targets in the thread. Rejects with `ChatError`
 * where the platform may accept it later. A result that its message can't show, because it was deleted, is shown in
 * another one.
 */
export async function showFanOut(
  context: FanOutContext,
  adapter: ChatAdapter,
  fanOut: FanOut,
  view: SummaryMessage,
): Promise<void> {
  const { message, threaded } = fanOut
  const hasDetails = hasThreadPart(view)
  const isInThread =
    threaded === true && (!hasDetails || (await accepted(() => showInThread(context, adapter, fanOut, view))))
  const shown: SummaryMessage = isInThread ? { ...view, part: 'root' } : view
  if (await accepted(() => adapter.edit(message, shown))) return
  if (view.ended < view.total) return
  const place = placeOf(message)
  if (await accepted(() => adapter.post(place, view))) return
  if (await accepted(() => adapter.postDirect(place, fanOut.account, view))) return
  context.log.error({ fanOut: fanOut.id }, 'a fan-out cannot be shown anywhere')
}

/** Shows the targets in the thread, in a new message where the one before was deleted. */
async function showInThread(
  context: FanOutContext,
  adapter: ChatAdapter,
  { id, message }: FanOut,
  view: SummaryMessage,
): Promise<void> {
  const part: SummaryMessage = { ...view, part: 'thread' }
  const posted = verified(await context.store.getValue('fan-out-thread', id))
  if (posted !== undefined && (await accepted(() => adapter.edit(posted, part)))) return
  const ref: MessageRef = await adapter.post(threadUnder(message), part)
  // Stored before anything else is done: the worker that continues edits this message.
  await context.span(id, 'save-message', () => context.store.setValue('fan-out-thread', id, ref, runRetentionSeconds))
}

/** Makes a request. Resolves with false where the platform refuses it for good; rejects where it may accept it later. */
async function accepted(request: () => Promise<unknown>): Promise<boolean> {
  try {
    await request()
    return true
  } catch (error) {
    if (isFinalForResults(error)) return false
    throw error
  }
}

/** Returns true where there is anything to show in the thread. */
function hasThreadPart(view: SummaryMessage): boolean {
  if (view.skipped.length > 0) return true
  return view.kind === 'triage' ? view.findings.length > 0 || view.ended === view.total : view.results.length > 0
}
