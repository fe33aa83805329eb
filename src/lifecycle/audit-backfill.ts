import { type Approval, approvalState } from '#core/approvals/approval'
import type { AuditRecord } from '#core/runs/audit-record'
import type { End, Run } from '#core/runs/run'

/** Access to the audit log for code that works with runs. */
export type AuditContext = {
  /** Writes a record of an action before it happens; rejects when that fails, and then the action must not happen. */
  audit: (what: AuditRecord['what'], run: string, person: string, details: Record<string, string>) => Promise<void>
  /** Writes a record unless the run has one of this kind already: then resolves with false. Else as `audit`. */
  auditOnce: (
    what: AuditRecord['what'],
    run: string,
    person: string,
    details: Record<string, string>,
  ) => Promise<boolean>
  /** Returns those of the runs that have no such record. */
  unrecorded: (what: AuditRecord['what'], runs: readonly string[]) => Promise<readonly string[]>
}

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
