import { mentionsOf } from '#core/approvals/mentions'
import type { Message } from '#core/messages/message'
import { channelText, type MessageRef, parseChannel, type ThreadRef } from '#core/messages/thread-ref'
import type { Platform } from '#core/people/platforms'
import type { ApprovalRule } from '#core/policy/policy'
import type { Run } from '#core/runs/run'
import { errorMessage } from '#core/util/error-message'
import { withTimeout } from '#core/util/timeout'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'

type Channel = { announce?: string | undefined }

/** Message that was posted in the approvers' channel, or why it wasn't. */
export type Announcement = { message: MessageRef } | { why: string }

/**
 * Posts a message in the approvers' channel too. A failure is only logged: the request can still be decided in its
 * thread.
 */
export async function notifyApprovers(
  context: Pick<BotContext, 'adapters' | 'log'>,
  thread: ThreadRef,
  { announce }: Channel,
  notice: Message,
): Promise<Announcement> {
  const named = parseChannel(announce ?? '')
  if (named === undefined) return { why: 'the policy names no channel for it ("announce")' }
  const { platform, channel } = named
  // Omits the team for another platform: its adapter knows its own.
  const team = platform === thread.platform ? thread.team : ''
  return postIn(context, { platform: platform as Platform, team, channel }, notice)
}

async function postIn(
  context: Pick<BotContext, 'adapters' | 'log'>,
  thread: ThreadRef,
  notice: Message,
): Promise<Announcement> {
  const { platform, channel } = thread
  const adapter = context.adapters.get(platform)
  if (adapter === undefined) return { why: `this bot has no adapter for ${platform}` }
  try {
    return { message: await adapter.post(thread, notice) }
  } catch (error) {
    context.log.error({ channel, error: String(error) }, 'approvers could not be notified')
    return { why: errorMessage(error) }
  }
}

/** Returns whom a message in the approvers' channel mentions: those who may approve, as far as accounts are known. */
export function approversToMention(
  context: Pick<BotContext, 'rules'>,
  { from, quorum }: ApprovalRule,
): readonly string[] {
  const subjects = typeof quorum === 'number' ? from : [...from, ...quorum]
  return mentionsOf(subjects, context.rules().known)
}

/**
 * Announces that a run goes on without a decision of its approvers, before it is queued, and records where it was
 * announced, or why it wasn't: in the approvers' channel, else where it was typed. A slow chat delays the run for a
 * moment at most.
 */
export async function announceToApprovers(
  context: Pick<BotContext, 'timing' | 'adapters' | 'log' | 'audit'>,
  ctx: Pick<CommandContext, 'once'>,
  { id, request }: Pick<Run, 'id' | 'request'>,
  rule: Channel,
  notice: Message,
): Promise<void> {
  const announce = () => announceSomewhere(context, request.thread, rule, notice)
  const details = await ctx.once('notify-approvers', announce)
  await context.audit('approvers-notified', id, request.by.id, details)
}

const tooLate = 'the chat did not accept it in time; it may still appear there'

/** Returns where the message was posted (`announced`), and why it wasn't posted in the approvers' channel. */
async function announceSomewhere(
  context: Pick<BotContext, 'timing' | 'adapters' | 'log'>,
  thread: ThreadRef,
  { announce }: Channel,
  notice: Message,
): Promise<Record<string, string>> {
  const { announceTimeoutMs } = context.timing
  const inChannel = await withTimeout(announceTimeoutMs, notifyApprovers(context, thread, { announce }, notice))
  if (inChannel === undefined) return { unannounced: tooLate }
  if ('message' in inChannel) return { announced: announce ?? '' }
  const inThread = await withTimeout(announceTimeoutMs, postIn(context, thread, notice))
  const where = inThread !== undefined && 'message' in inThread ? { announced: channelText(thread) } : {}
  return { ...where, unannounced: inChannel.why }
}
