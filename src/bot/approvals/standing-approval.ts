import { windowEnd } from '#core/approvals/approval'
import type { Decision } from '#core/policy/policy'
import { verified } from '#core/ports/store'
import type { ToolRequest } from '#core/request/request'
import type { Run } from '#core/runs/run'
import { approvalCovers, windowKey } from '#core/runs/standing-approval-window'
import type { BotContext } from '#src/bot/context'
import { revalidateApproval } from '#src/lifecycle/revalidate'

/** Saves an approval that covers further requests for a while. */
export async function saveStandingApproval(context: BotContext, run: Run, now: string): Promise<void> {
  const end = run.approval === undefined ? undefined : windowEnd(run.approval)
  if (end === undefined) return
  const seconds = (Date.parse(end) - Date.parse(now)) / 1_000
  if (seconds > 0) await context.store.setValue('standing-approval', windowKey(run), { run: run.id }, seconds)
}

/** Returns the run whose approval covers this request too, where the policy still allows that. */
export async function findStandingApproval(
  context: BotContext,
  request: ToolRequest,
  decision: Extract<Decision, { effect: 'ask' }>,
): Promise<Run | undefined> {
  if (decision.approval.window === undefined) return undefined
  const asked = { request, set: decision.set }
  const standing = verified(await context.store.getValue('standing-approval', windowKey(asked)))
  const approvedRun = standing === undefined ? undefined : verified(await context.store.run(standing.run))
  if (approvedRun?.approval === undefined) return undefined
  // The approval of a person who has left covers nothing; where that can't be checked, approval is requested again.
  const approval = await revalidateApproval(context, approvedRun.approval)
  return !('refused' in approval) && approvalCovers({ ...approvedRun, approval }, asked, request.at)
    ? approvedRun
    : undefined
}
