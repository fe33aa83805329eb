import { mentionsOf } from '#core/approvals/mentions'
import type { Message } from '#core/messages/message'
import type { MessageRef, ThreadRef } from '#core/messages/thread-ref'
import type { Platform } from '#core/people/principal'
import type { ApprovalRule } from '#core/policy/policy'
import type { Run } from '#core/runs/run'
import { withTimeout } from '#core/util/timeout'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'

type Channel = Pick<ApprovalRule, 'announce'>

/** Message that was posted in the approvers' channel, or why it wasn't. */
export type Announcement = { message: MessageRef } | { why: string }

/**
 * Posts a message in the approvers' channel too. A failure is only logged: the request can still be decided in its
 * thread.
 */
export async function notifyApprovers(
  context: BotContext,
  thread: ThreadRef,
  { announce }: Channel,
  notice: Message,
): Promise<Announcement> {
  const [, platform = '', channel = ''] = /^(\w+):channel\/(.+)$/.exec(announce ?? '') ?? []
  if (channel === '') return { why: 'the policy names no channel for it ("announce")' }
  const adapter = context.adapters.get(platform as Platform)
  if (adapter === undefined) return { why: `this bot has no adapter for ${platform}` }
  // Omits the team for another platform: its adapter knows its own.
  const team = adapter.platform === thread.platform ? thread.team : ''
  const channelRef: ThreadRef = { platform: adapter.platform, team, channel }
  try {
    return { message: await adapter.post(channelRef, notice) }
  } catch (error) {
    context.log.error({ channel, error: String(error) }, "could not post in the approvers' channel")
    return { why: error instanceof Error ? error.message : String(error) }
  }
}

/** Returns whom a message in the approvers' channel mentions: those who may approve, as far as accounts are known. */
export function approversToMention(context: BotContext, { from, quorum }: ApprovalRule): readonly string[] {
  const subjects = typeof quorum === 'number' ? from : [...from, ...quorum]
  return mentionsOf(subjects, context.rules().known)
}

/**
 * Announces in the approvers' channel that a run goes on without a decision of theirs, before it is queued, and records
 * where it was announced, or why it wasn't. A slow chat delays the run for a moment at most.
 */
export async function announceToApprovers(
  context: BotContext,
  ctx: Pick<CommandContext, 'once'>,
  run: Run,
  rule: Channel,
  notice: Message,
): Promise<void> {
  const { request } = run
  const details = await ctx.once('notify-approvers', async () => {
    const { announceTimeoutMs } = context.timing
    const posted = await withTimeout(announceTimeoutMs, notifyApprovers(context, request.thread, rule, notice))
    const { why, announced } = outcomeOf(posted, rule)
    return why === undefined ? { announced: announced ?? '' } : { unannounced: why }
  })
  await context.audit('approvers-notified', run.id, request.by.id, details)
}

function outcomeOf(posted: Announcement | undefined, { announce }: Channel): { announced?: string; why?: string } {
  if (posted === undefined) return { why: 'the chat did not accept it in time; it may still appear there' }
  return 'why' in posted ? { why: posted.why } : announce === undefined ? {} : { announced: announce }
}
