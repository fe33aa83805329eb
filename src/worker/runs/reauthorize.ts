import { approvalState } from '#core/approvals/approval'
import type { Refused } from '#core/ports/directory'
import { verified } from '#core/ports/store'
import { hasReason } from '#core/request/has-reason'
import { imageText, isImageOf } from '#core/request/image'
import { isSpecOf } from '#core/runs/debug-spec'
import { type End, maxQueueWaitMs, type Run } from '#core/runs/run'
import { coverageOf } from '#core/runs/standing-approval-coverage'
import { poll } from '#core/util/retry'
import { currentPerson, formerApproversText, reauthorize, revalidateApproval } from '#src/lifecycle/revalidate'
import type { WorkerContext } from '#src/worker/context'
import { completeFacts } from './fill-missing-pod-access.ts'

type Context = Pick<
  WorkerContext,
  'now' | 'directory' | 'clusters' | 'rules' | 'resolveDestinations' | 'store' | 'hash' | 'timing'
>

/** Whether a run may start; `end`: the ending that says why not. */
export type StartCheck = { ok: true } | { ok: false; end: End }

/** Authorizes a run again, by the current policy, groups and people. */
export async function reauthorizeRun(context: Context, run: Run): Promise<StartCheck> {
  const now = context.now()
  const at = now.toISOString()
  const isTooLate = run.notAfter !== undefined && now.getTime() > Date.parse(run.notAfter)
  if (isTooLate || now.getTime() - Date.parse(run.queuedAt) > maxQueueWaitMs) {
    const message = 'it waited for more than five minutes, so it was not started; run it again if you still want it'
    return { ok: false, end: { reason: 'expired', at, message, complete: true } }
  }
  const message = await findRefusal(context, run, at)
  if (message === undefined) return { ok: true }
  return { ok: false, end: { reason: 'refused', at, message, complete: true } }
}

async function findRefusal(context: Context, run: Run, at: string): Promise<string | undefined> {
  const { by, account } = run.request
  const requester = await retryWhileUnavailable(context, run, () => currentPerson(context, { id: by.id, account }))
  if ('refused' in requester)
    return requester.temporary
      ? describeUncheckable(requester)
      : `${by.name} no longer has access: ${requester.refused}`
  // A name that was harmless when it was requested may resolve to another address now.
  const destinations = await context.resolveDestinations(run.request.destinations, run.request.target)
  const facts = await completeFacts(context, run.request)
  const { policy, defaults } = context.rules()
  const { decision, change } = reauthorize({ ...run.request, destinations, facts }, requester, policy, at)
  if (decision.effect === 'deny') return `${change} while it waited: ${decision.message}`
  if (!isImageOf(run.spec.image, run.request.image ?? defaults.image))
    return `the configured image was changed while it waited, from ${imageText(run.spec.image)}; send the command again`
  if (!isSpecOf(run.spec, { ...run.request, id: run.id }, defaults, decision.maxDeadline))
    return 'what would run is not what the request and the configuration say'
  if (decision.effect === 'allow') return undefined
  return findApprovalProblem(context, run, at, `${change} while it waited: "${decision.set}" now requires approval`)
}

/**
 * Returns undefined when enough people who may still approve have approved the run and it is still what they approved,
 * or when a standing approval covered it when it was requested and is still valid. Else returns the reason against it.
 */
async function findApprovalProblem(
  context: Context,
  run: Run,
  at: string,
  unapproved: string,
): Promise<string | undefined> {
  const approvedRun = run.under === undefined ? run : verified(await context.store.run(run.under))
  if (approvedRun?.approval === undefined) return unapproved
  const stored = approvedRun.approval
  const approval = await retryWhileUnavailable(context, run, () => revalidateApproval(context, stored))
  if ('refused' in approval) return describeUncheckable(approval)
  if (approvalState(stored, at) === 'approved' && approvalState(approval, at) !== 'approved')
    return formerApproversText(approval)
  const isValid =
    run.under === undefined
      ? approvalState(approval, at) === 'approved' && approval.specHash === context.hash(run.spec)
      : hasReason(run.request) && coverageOf({ ...approvedRun, approval }, run, run.queuedAt) === 'covered'
  return isValid ? undefined : unapproved
}

function describeUncheckable({ refused }: Refused): string {
  return `the requester and the approvers could not be checked, so it was not started: ${refused}`
}

/** Retries a check while a platform is unreachable, within the time that a run may wait. */
async function retryWhileUnavailable<T extends object>(
  context: Context,
  run: Run,
  check: () => Promise<T | Refused>,
): Promise<T | Refused> {
  const { revalidateTimeoutMs, revalidateRetryMs: delayMs } = context.timing
  const deadline = Math.min(context.now().getTime() + revalidateTimeoutMs, Date.parse(run.queuedAt) + maxQueueWaitMs)
  return poll(check, (answer) => {
    const isUnavailable = 'refused' in answer && answer.temporary
    return isUnavailable && context.now().getTime() + delayMs <= deadline ? delayMs : undefined
  })
}
