import type { Message } from '#core/messages/message'
import type { MessageRef, ThreadRef } from '#core/messages/thread-ref'
import type { Platform } from '#core/people/principal'
import type { ApprovalRule } from '#core/policy/policy'
import type { BotContext } from '#src/bot/context'

/**
 * Posts a message in the approvers' channel too. A failure is only logged: the request can still be decided in its
 * thread.
 */
export async function notifyApprovers(
  context: BotContext,
  thread: ThreadRef,
  rule: Pick<ApprovalRule, 'announce'>,
  notice: Message,
): Promise<MessageRef | undefined> {
  const [, platform = '', channel = ''] = /^(\w+):channel\/(.+)$/.exec(rule.announce ?? '') ?? []
  const adapter = context.adapters.get(platform as Platform)
  if (channel === '' || adapter === undefined) return undefined
  // Omits the team for another platform: its adapter knows its own.
  const team = adapter.platform === thread.platform ? thread.team : ''
  const channelRef: ThreadRef = { platform: adapter.platform, team, channel }
  return adapter.post(channelRef, notice).catch((error: unknown) => {
    context.log.error({ channel, error: String(error) }, "could not post in the approvers' channel")
    return undefined
  })
}
