import { approvalState } from '#core/approvals/approval'
import { unstartedMessage } from '#core/messages/run-card'
import type { Store } from '#core/ports/store'
import type { Catalogue } from '#core/request/tool'
import { hideInRun } from '#core/runs/hide-in-run'
import type { End, Run, RunState } from '#core/runs/run'
import type { CodeReaders } from '#core/triage/evaluate'
import type { Playbooks } from '#core/triage/playbook'
import { backfillAudit } from './audit-backfill.ts'
import type { AuditContext } from './audit-writer.ts'
import { decideOnRun } from './change-run.ts'
import { saveOutcome } from './fan-out-outcomes.ts'
import { notifyRequester } from './notify-requester-of-decision.ts'
import { type MessageContext, updateMessage, updateRequestMessages } from './update-message.ts'
import { waitForMessageLock } from './wait-for-queue-message-lock.ts'

type EndContext = MessageContext &
  AuditContext & {
    store: Store
    now: () => Date
    playbooks: () => Playbooks
    checkReaders: CodeReaders
    hash: (value: unknown) => string
    catalogue: Catalogue
  }

/** Ends a run that never started, if it is still in `state`, and updates every message that shows it. */
export async function endUnstartedRun(
  context: EndContext,
  run: Run,
  state: RunState,
  why: { reason: 'refused' | 'canceled' | 'paused' | 'expired'; message: string },
): Promise<void> {
  const at = context.now().toISOString()
  const end: End = { ...why, at, complete: true }
  const saved = await decideOnRun(context.store, run.id, (now) => {
    const isEnded = now.state === state
    return { next: isEnded ? hideInRun({ ...now, state: 'ended', end }) : undefined, found: isEnded }
  })
  if (saved === undefined || saved === 'broken' || !saved.found) return
  await context.audit('ended', run.id, run.request.by.id, why)
  await waitForMessageLock(context, saved.run)
  await announceUnstarted(context, saved.run)
}

/**
 * Shows the saved ending of a run that never started, and saves when it was shown; safe to repeat. Where the chat
 * doesn't accept it now, that time isn't saved, and a worker's sweep shows it later.
 */
export async function announceUnstarted(context: Omit<EndContext, keyof AuditContext>, run: Run): Promise<void> {
  if (run.end === undefined || !(await showEnd(context, run, run.end))) return
  await notifyRequester(context, run, run.end.at)
  await context.store.changeRun(run.id, (saved) => ({ ...saved, toldAt: context.now().toISOString() }))
}

/** Does the same where the process that ended the run died, perhaps before it wrote the audit record. */
export async function announceUnstartedLate(context: EndContext, run: Run): Promise<void> {
  await backfillAudit(context, [run], (_run, end) => unstartedDetails(end))
  await announceUnstarted(context, run)
}

/** Returns the audit details of such an ending. */
export function unstartedDetails({ reason, message = '' }: End): Record<string, string> {
  return { reason, message }
}

async function showEnd(context: Omit<EndContext, keyof AuditContext>, run: Run, end: End): Promise<boolean> {
  if (isRequest(run)) return updateRequestMessages(context, run, end.at)
  if (run.fanOut === undefined) return updateMessage(context, run.message, unstartedMessage(run, end))
  await saveOutcome(context, run, end)
  return true
}

/** Returns true for a request that ended before it was approved: its messages are those of a request. */
export function isRequest({ approval, end }: Pick<Run, 'approval' | 'end'>): boolean {
  return approval !== undefined && end !== undefined && approvalState(approval, end.at) !== 'approved'
}
