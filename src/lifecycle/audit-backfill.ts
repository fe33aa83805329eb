import { type Approval, approvalState } from '#core/approvals/approval'
import type { End, Run } from '#core/runs/run'
import type { AuditContext } from './audit-writer.ts'

/**
 * Writes the missing audit records of saved endings whose process died, perhaps before it wrote them. A denial is
 * recorded as its review. Looks up all runs together, since many endings may be pending in a busy hour.
 */
export async function backfillAudit(
  { audit, unrecorded }: Pick<AuditContext, 'audit' | 'unrecorded'>,
  runs: readonly Run[],
  detailsOf: (run: Run, end: End) => Record<string, string> | Promise<Record<string, string>>,
): Promise<void> {
  const ended = runs.flatMap((run) =>
    run.end === undefined || isDenied(run.approval, run.end) ? [] : [{ run, end: run.end }],
  )
  if (ended.length === 0) return
  const ids = ended.map(({ run }) => run.id)
  const missing = new Set(await unrecorded('ended', ids))
  for (const { run, end } of ended)
    if (missing.has(run.id)) await audit('ended', run.id, run.request.by.id, await detailsOf(run, end))
}

function isDenied(approval: Approval | undefined, { at }: End): boolean {
  return approval !== undefined && approvalState(approval, at) === 'denied'
}
