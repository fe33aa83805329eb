import { approvalState } from '#core/approvals/approval'
import { pauseText } from '#core/runs/pause'
import type { End, Run } from '#core/runs/run'
import { currentPause } from '#src/lifecycle/current-pause'
import { currentPerson, formerApproversText, reauthorize, revalidateApproval } from '#src/lifecycle/revalidate'
import type { TerminalContext } from './context.ts'

type Context = Pick<TerminalContext, 'now' | 'directory' | 'rules' | 'store' | 'hash'>

/**
 * Asks again whether a session may go on: the pause of all runs, the person, their groups, the grants, the approval and those who gave it.
 * Returns why it has to end, or `unknown` where a platform can't be asked; undefined where all stand.
 */
export async function findLostRight(
  context: Context,
  run: Run,
): Promise<(Pick<End, 'reason'> & { message: string }) | 'unknown' | undefined> {
  const pause = await currentPause(context)
  if (pause !== undefined) return { reason: 'paused', message: pauseText(pause) }
  const { by, account } = run.request
  const person = await currentPerson(context, { id: by.id, account })
  const refused = (message: string) => ({ reason: 'refused' as const, message })
  if ('refused' in person)
    return person.temporary ? 'unknown' : refused(`${by.name} no longer has access: ${person.refused}`)
  const at = context.now().toISOString()
  const { decision, change } = reauthorize(run.request, person, context.rules().policy, at)
  if (decision.effect === 'deny') return refused(`${change}: ${decision.message}`)
  if (decision.effect === 'allow') return undefined
  if (run.approval === undefined || run.approval.specHash !== context.hash(run.spec))
    return refused(`${change}: "${decision.set}" now requires approval`)
  const approval = await revalidateApproval(context, run.approval)
  if ('refused' in approval) return 'unknown'
  return approvalState(approval, at) === 'approved' ? undefined : refused(formerApproversText(approval))
}
