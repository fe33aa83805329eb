import type { Approval } from '#core/approvals/approval'
import { approvalRequestMessage } from '#core/messages/run-card'
import { noMessage } from '#core/messages/thread-ref'
import type { Decision } from '#core/policy/policy'
import type { ToolRequest } from '#core/request/request'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { Run } from '#core/runs/run'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { withReason } from '#src/bot/runs/reason-placeholder'
import { notifyApprovers } from './notify-approvers.ts'

/**
 * Requests approval where the capability set needs it: stores the request with what it would run, and shows it to the
 * reviewers.
 */
export async function requestApproval(
  context: BotContext,
  ctx: CommandContext,
  request: ToolRequest,
  spec: DebugSpec,
  decision: Extract<Decision, { effect: 'ask' }>,
): Promise<void> {
  const { approval: rule } = decision
  const typed = request.typed.text
  if (rule.reason === 'required' && request.reason === undefined) {
    const message = `"${decision.set}" requires approval, and the approvers need a reason.`
    await ctx.reply({ kind: 'misunderstood', typed, message, suggestion: withReason(typed) })
    return
  }
  const now = context.now()
  const approval: Approval = {
    specHash: context.hash(spec),
    rule,
    requester: request.by.id,
    expiresAt: new Date(now.getTime() + rule.within * 1_000).toISOString(),
    reviews: [],
    cards: [],
  }
  const { set, grant } = decision
  const message = noMessage(request.thread)
  const pages = context.pages === undefined ? {} : { pages: true }
  const threaded = ctx.threaded ? { threaded: true as const } : {}
  const at = { state: 'asking' as const, queuedAt: request.at }
  const run: Run = { id: ctx.id, request, spec, set, grant, message, approval, ...pages, ...threaded, ...at }
  const notice = approvalRequestMessage(run, approval, now.toISOString())
  const { specHash, expiresAt: expires } = approval
  const record = { spec: specHash, image: spec.image, from: rule.from.join(','), expires }
  await context.span(run.id, 'audit-approval-request', () => context.audit('asked', run.id, request.by.id, record))
  const ownMessage = await ctx.reply(notice)
  const notify = async () => (await notifyApprovers(context, request.thread, rule, notice)) ?? null
  const card = await ctx.once('notify-approvers', notify)
  const cards = card === null ? [] : [card]
  const saved = { ...run, message: ownMessage, approval: { ...approval, cards } }
  await context.span(run.id, 'save-request', () => context.store.addRun(saved))
  context.count('asked')
}
