import type { Message } from '#core/messages/message'
import type { Platform } from '#core/people/principal'
import type { MessageRef, ThreadRef } from '#core/people/refs'
import type { ApprovalRule } from '#core/policy/policy'
import type { BotContext } from '#src/bot/context'

/** Shows it in the approvers' channel too. One that can't be written doesn't keep a request from being decided in its thread. */
export async function notifyApprovers(
  context: BotContext,
  thread: ThreadRef,
  rule: Pick<ApprovalRule, 'announce'>,
  notice: Message,
): Promise<MessageRef | undefined> {
  const [, platform = '', channel = ''] = /^(\w+):channel\/(.+)$/.exec(rule.announce ?? '') ?? []
  const adapter = context.adapters.get(platform as Platform)
  if (channel === '' || adapter === undefined) return undefined
  // Leaves out the team of another platform: the adapter knows its own.
  const team = adapter.platform === thread.platform ? thread.team : ''
  const place: ThreadRef = { platform: adapter.platform, team, channel }
  return adapter.post(place, notice).catch((error: unknown) => {
    context.log.error({ channel, error: String(error) }, "the approvers' channel could not be written")
    return undefined
  })
}
