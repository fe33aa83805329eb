import type { Message } from '#core/messages/message'
import { approvalRequestMessage } from '#core/messages/run-card'
import type { Platform } from '#core/people/principal'
import type { MessageRef } from '#core/people/refs'
import { type ChatAdapter, ChatError } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import type { Run } from '#core/runs/run'

/** The chats, by platform. */
export type MessageContext = { adapters: ReadonlyMap<Platform, ChatAdapter>; log: Log }

/**
 * Replaces a message's content. What the chat doesn't take is logged: what was decided holds all the same. False where it may take it
 * another time.
 */
export async function updateMessage(doors: MessageContext, message: MessageRef, notice: Message): Promise<boolean> {
  const adapter = doors.adapters.get(message.platform)
  if (adapter === undefined) return false
  try {
    await adapter.edit(message, notice)
    return true
  } catch (error) {
    doors.log.warn({ error: String(error), notice: notice.kind }, 'a message could not be brought up to date')
    return error instanceof ChatError && error.permanent
  }
}

/** Brings every message that shows a request for approval up to date; the one of a run that goes on is not touched. False as `show`. */
export async function updateRequestMessages(doors: MessageContext, run: Run, now: string): Promise<boolean> {
  if (run.approval === undefined) return true
  const notice = approvalRequestMessage(run, run.approval, now)
  const own = run.state === 'queued' ? [] : [run.message]
  let all = true
  for (const message of [...own, ...run.approval.cards]) all = (await updateMessage(doors, message, notice)) && all
  return all
}
