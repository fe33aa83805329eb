import type { Approval } from '#core/approvals/approval'
import { maxCommandChars } from '#core/messages/request-facts'
import { approvalRequestMessage } from '#core/messages/run-card'
import { noMessage } from '#core/messages/thread-ref'
import type { Decision } from '#core/policy/policy'
import { hasReason } from '#core/request/has-reason'
import type { ToolRequest } from '#core/request/request'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { Run } from '#core/runs/run'
import { formatPipeline } from '#core/util/quote'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { withReason } from '#src/bot/runs/insert-reason-placeholder'
import { approversToMention, notifyApprovers } from './notify-approvers.ts'
import type { StandingApproval } from './standing-approval.ts'

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
  standing?: StandingApproval,
): Promise<void> {
  const { approval: rule } = decision
  const typed = request.typed.text
  if (rule.reason === 'required' && !hasReason(request)) {
    const message = `"${decision.set}" requires approval, and the approvers need a reason.`
    await ctx.reply({ kind: 'misunderstood', typed, message, suggestion: withReason(typed) })
    return
  }
  const { length } = [...formatPipeline(spec.pipeline)]
  if (length > maxCommandChars) {
    const message = `Approvers have to see the whole command: it has ${length} characters, and a card shows ${maxCommandChars}. Shorten it, or put its long part into a file on the target.`
    await ctx.reply({ kind: 'refused', typed, message })
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
  const beyond = standing?.beyond === undefined ? {} : { beyond: { run: standing.approved.id, what: standing.beyond } }
  const notice = { ...approvalRequestMessage(run, approval, now.toISOString()), ...beyond }
  const mentioning = { ...notice, mention: approversToMention(context, rule) }
  const { specHash, expiresAt: expires } = approval
  const record = { spec: specHash, image: spec.image, from: rule.from.join(','), expires }
  await context.span(run.id, 'audit-approval-request', () => context.audit('asked', run.id, request.by.id, record))
  const ownMessage = await ctx.reply(rule.announce === undefined ? mentioning : notice)
  const card = await ctx.once('notify-approvers', async () => {
    const announcement = await notifyApprovers(context, request.thread, rule, mentioning)
    return 'message' in announcement ? announcement.message : null
  })
  const cards = card === null ? [] : [card]
  const saved = { ...run, message: ownMessage, approval: { ...approval, cards } }
  await context.span(run.id, 'save-request', () => context.store.addRun(saved))
  context.count('asked')
}
