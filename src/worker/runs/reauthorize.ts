import { approvalState } from '#core/approvals/approval'
import type { Refused } from '#core/ports/directory'
import { standsFor } from '#core/runs/approval-window'
import { type End, longestWait, type Run } from '#core/runs/run'
import { decideAgain, freshApproval, freshPerson, leaversText } from '#src/lifecycle/revalidate'
import type { WorkerHouse } from '#src/worker/context'

/** Undefined when the policy, the groups and the people of now still allow it, else the ending that says why it doesn't run. */
export async function stillAllowed(house: WorkerHouse, run: Run): Promise<End | undefined> {
  const now = house.now()
  const at = now.toISOString()
  if (now.getTime() - Date.parse(run.queuedAt) > longestWait) {
    const message = 'it waited for more than five minutes, so it was not started; run it again if you still want it'
    return { reason: 'expired', at, message, complete: true }
  }
  const message = await whyNot(house, run, at)
  return message === undefined ? undefined : { reason: 'refused', at, message, complete: true }
}

async function whyNot(house: WorkerHouse, run: Run, at: string): Promise<string | undefined> {
  const { by, account } = run.request
  const asker = await insist(house, run, () => freshPerson(house, { id: by.id, account }))
  if ('refused' in asker)
    return asker.temporary ? notAsked(asker) : `${by.name} is not served any more: ${asker.refused}`
  // A name that was harmless when it was asked may lead elsewhere by now.
  const destinations = await house.locate(run.request.destinations)
  const { decision, change } = decideAgain({ ...run.request, destinations }, asker, house.policy(), at)
  if (decision.effect === 'allow') return undefined
  if (decision.effect === 'deny') return `${change} while it waited: ${decision.message}`
  return whyNotApproved(house, run, at, `${change} while it waited: "${decision.set}" asks for approval now`)
}

/**
 * Undefined when it was approved by enough people who still may, and is still what they approved; or was asked for while another
 * approval stood for it, which is still one.
 */
async function whyNotApproved(
  house: WorkerHouse,
  run: Run,
  at: string,
  unapproved: string,
): Promise<string | undefined> {
  const given = run.under === undefined ? run : await house.store.run(run.under)
  if (given?.approval === undefined || house.isBroken(given)) return unapproved
  const stored = given.approval
  const approval = await insist(house, run, () => freshApproval(house, stored))
  if ('refused' in approval) return notAsked(approval)
  if (approvalState(stored, at) === 'approved' && approvalState(approval, at) !== 'approved')
    return leaversText(approval)
  const stands =
    run.under === undefined
      ? approvalState(approval, at) === 'approved' && approval.specHash === house.hash(run.spec)
      : standsFor({ ...given, approval }, run, run.queuedAt)
  return stands ? undefined : unapproved
}

function notAsked({ refused }: Refused): string {
  return `it can't be checked who asked and who approved, so it was not started: ${refused}`
}

/** Asks again for a while where a platform is away, within the time that a run may wait. */
async function insist<T extends object>(
  house: WorkerHouse,
  run: Run,
  ask: () => Promise<T | Refused>,
): Promise<T | Refused> {
  const { revalidateTimeoutMs, revalidateRetryMs: pause } = house.timing
  const until = Math.min(house.now().getTime() + revalidateTimeoutMs, Date.parse(run.queuedAt) + longestWait)
  for (;;) {
    const answer = await ask()
    const away = 'refused' in answer && answer.temporary
    if (!away || house.now().getTime() + pause > until) return answer
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}
