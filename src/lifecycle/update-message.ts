import type { Message } from '#core/messages/message'
import { approvalRequestMessage } from '#core/messages/run-card'
import type { MessageRef } from '#core/messages/thread-ref'
import type { Platform } from '#core/people/platforms'
import { type ChatAdapter, isFinalForResults } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import type { Run } from '#core/runs/run'

/** Chat adapters by platform. */
export type MessageContext = { adapters: ReadonlyMap<Platform, ChatAdapter>; log: Log }

/**
 * Replaces a message's content. Logs a failure: the decision that the message shows is valid regardless. Returns false
 * where the chat may accept it later.
 */
export async function updateMessage(context: MessageContext, message: MessageRef, notice: Message): Promise<boolean> {
  const adapter = context.adapters.get(message.platform)
  if (adapter === undefined) return false
  try {
    await adapter.edit(message, notice)
    return true
  } catch (error) {
    context.log.warn({ error: String(error), notice: notice.kind }, 'a message could not be updated')
    return isFinalForResults(error)
  }
}

/**
 * Updates every message that shows a request for approval, except the one of a run that was approved and shows that run.
 * Returns false where a chat may accept it later.
 */
export async function updateRequestMessages(context: MessageContext, run: Run, now: string): Promise<boolean> {
  if (run.approval === undefined) return true
  const notice = approvalRequestMessage(run, run.approval, now)
  const own = notice.state === 'approved' ? [] : [run.message]
  let all = true
  for (const message of [...own, ...run.approval.cards]) all = (await updateMessage(context, message, notice)) && all
  return all
}
