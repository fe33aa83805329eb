import { currentApprovals, windowEnd } from '#core/approvals/approval'
import { requestFacts } from '#core/messages/request-facts'
import { runCard } from '#core/messages/run-card'
import { accountText } from '#core/people/principal'
import type { Decision } from '#core/policy/policy'
import { verified } from '#core/ports/store'
import type { ToolRequest } from '#core/request/request'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { Run } from '#core/runs/run'
import { coverageOf, windowKey } from '#core/runs/standing-approval-coverage'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { revalidateApproval } from '#src/lifecycle/revalidate'
import { announceToApprovers } from './notify-approvers.ts'

/** Saves an approval that covers further requests for a while. */
export async function saveStandingApproval(context: Pick<BotContext, 'store'>, run: Run, now: string): Promise<void> {
  const end = run.approval === undefined ? undefined : windowEnd(run.approval)
  if (end === undefined) return
  const seconds = (Date.parse(end) - Date.parse(now)) / 1_000
  if (seconds > 0) await context.store.setValue('standing-approval', windowKey(run), { run: run.id }, seconds)
}

/** The run whose approval covers a request too, or would if it had the power `beyond`. */
export type StandingApproval = { approved: Run; beyond?: string }

/** Returns the standing approval for a request, where the policy still allows one and its approvers still may give it. */
export async function findStandingApproval(
  context: Pick<BotContext, 'store' | 'directory'>,
  request: ToolRequest,
  spec: DebugSpec,
  decision: Extract<Decision, { effect: 'ask' }>,
): Promise<StandingApproval | undefined> {
  if (decision.approval.window === undefined) return undefined
  const asked = { request, spec, set: decision.set }
  const standing = verified(await context.store.getValue('standing-approval', windowKey(asked)))
  const approvedRun = standing === undefined ? undefined : verified(await context.store.run(standing.run))
  if (approvedRun?.approval === undefined) return undefined
  // The approval of a person who has left covers nothing; where that can't be checked, approval is requested again.
  const approval = await revalidateApproval(context, approvedRun.approval)
  if ('refused' in approval) return undefined
  const approved = { ...approvedRun, approval }
  const coverage = coverageOf(approved, asked, request.at)
  if (coverage === 'none') return undefined
  return coverage === 'covered' ? { approved } : { approved, beyond: coverage.beyond }
}

/** Records that a run is under a standing approval, before it is queued, and tells those who gave it. */
export async function announceStandingUse(
  context: BotContext,
  ctx: Pick<CommandContext, 'once'>,
  run: Run,
  { approved }: StandingApproval,
): Promise<void> {
  const { approval } = approved
  if (approval === undefined) return
  const reviews = currentApprovals(approval)
  const { request } = run
  await context.audit('standing-approval-used', run.id, request.by.id, {
    ...{ under: approved.id, set: run.set, spec: context.hash(run.spec), reason: request.reason ?? '' },
    approvers: reviews.map(({ by }) => by.id).join(','),
  })
  await announceToApprovers(context, ctx, run, approval.rule, {
    ...{ kind: 'standing-use', run: runCard(run), facts: requestFacts(run), under: approved.id, reviews },
    until: windowEnd(approval) ?? approval.expiresAt,
    mention: reviews.map(({ account }) => accountText(account)),
  })
}
