import { requestFacts } from '#core/messages/request-facts'
import { runCard } from '#core/messages/run-card'
import type { ApprovalRule } from '#core/policy/policy'
import type { Run } from '#core/runs/run'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { announceToApprovers, approversToMention } from './notify-approvers.ts'

/**
 * Records that a person goes on without approval, as the policy allows, and announces it to the approvers, both before
 * the command runs.
 */
export async function breakGlass(
  context: BotContext,
  ctx: Pick<CommandContext, 'once'>,
  run: Run,
  rule: ApprovalRule,
): Promise<void> {
  const { request } = run
  const reason = request.reason ?? ''
  await context.audit('glass-broken', run.id, request.by.id, { set: run.set, spec: context.hash(run.spec), reason })
  context.log.warn({ run: run.id, person: request.by.id, reason }, 'ALARM: break-glass used')
  const mention = approversToMention(context, rule)
  const notice = { kind: 'glass-broken' as const, run: runCard(run), facts: requestFacts(run), mention }
  await announceToApprovers(context, ctx, run, rule, notice)
}
