import { currentApprovals } from '#core/approvals/approval'
import { rootMessage, runCard } from '#core/messages/run-card'
import { personText } from '#core/people/person-text'
import type { Principal } from '#core/people/principal'
import type { Refused } from '#core/ports/directory'
import type { Run } from '#core/runs/run'
import type { BotContext } from '#src/bot/context'
import { enqueue } from '#src/bot/runs/enqueue'
import { openApproved } from '#src/bot/terminal/open-session'
import { endUnstartedRun } from '#src/lifecycle/end-unstarted'
import { reauthorize } from '#src/lifecycle/revalidate'
import { showEndingAgain } from '#src/lifecycle/show-ending-again'
import { showOpenSession } from '#src/lifecycle/show-open-session'
import { updateMessage } from '#src/lifecycle/update-message'

/**
 * Enqueues an approved run, if its spec is still the approved one and the current policy still allows it for the
 * requester.
 */
export async function release(context: BotContext, run: Run, asker: Principal | Refused, now: string): Promise<void> {
  const specHash = context.hash(run.spec)
  const isConfirmed = run.approval?.reviews.every(({ confirmed = specHash }) => confirmed === specHash) ?? false
  const changed = specHash !== run.approval?.specHash || !isConfirmed
  const why = changed ? 'the stored run differs from what was requested' : await findRefusal(context, run, asker, now)
  if (why !== undefined) return endUnstartedRun(context, run, 'queued', { reason: 'refused', message: why })
  if (run.request.terminal !== undefined) return openApproved(context, run)
  await enqueue(context, run, async () => {
    await context.span(run.id, 'reply-queued', () => showApproved(context, run))
    return run
  })
}

/**
 * Shows an approved run in its message: that it waits, that its shell is open, or how it ended, also where it ended while
 * that was sent. While a tool runs, its worker shows it.
 */
export async function showApproved(context: BotContext, run: Run): Promise<void> {
  if (run.terminal !== undefined) await showOpenSession(context, run)
  else if (run.state === 'queued') {
    const approvals = run.approval === undefined ? [] : currentApprovals(run.approval)
    const names = approvals.map(({ by }) => personText(by)).join(' and ')
    const notice = rootMessage(run, { kind: 'queued', run: runCard(run), note: `approved by ${names}` })
    await updateMessage(context, run.message, notice)
  }
  await showEndingAgain(context, run)
}

async function findRefusal(
  context: Pick<BotContext, 'resolveDestinations' | 'rules'>,
  run: Run,
  asker: Principal | Refused,
  now: string,
): Promise<string | undefined> {
  if ('refused' in asker) return `${run.request.by.name} no longer has access: ${asker.refused}`
  const destinations = await context.resolveDestinations(run.request.destinations, run.request.target)
  const { decision, change } = reauthorize({ ...run.request, destinations }, asker, context.rules().policy, now)
  return decision.effect === 'deny' ? `${change} in the meantime: ${decision.message}` : undefined
}
