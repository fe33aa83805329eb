import { type Approval, approvalState } from '#core/approvals/approval'
import type { AuditRecord } from '#core/runs/audit-record'
import type { End, Run } from '#core/runs/run'

/** The audit log, as those who work with runs have it. */
export type AuditContext = {
  /** Keeps a record of what is about to happen; rejects when it can't, and then it doesn't happen. */
  audit: (what: AuditRecord['what'], run: string, person: string, details: Record<string, string>) => Promise<void>
  /** Those of the runs that have left no such record. */
  unrecorded: (what: AuditRecord['what'], runs: readonly string[]) => Promise<readonly string[]>
}

/**
 * Puts saved endings on record whose own process was cut off, perhaps before it did so. A denial is on record as the review that it is.
 * Many may wait to be told in a busy hour, so they are looked for together.
 */
export async function backfillAudit(
  { audit, unrecorded }: AuditContext,
  runs: readonly Run[],
  detailsOf: (run: Run, end: End) => Record<string, string> | Promise<Record<string, string>>,
): Promise<void> {
  const owed = runs.flatMap((run) =>
    run.end === undefined || isDenied(run.approval, run.end) ? [] : [{ run, end: run.end }],
  )
  if (owed.length === 0) return
  const ids = owed.map(({ run }) => run.id)
  const missing = new Set(await unrecorded('ended', ids))
  for (const { run, end } of owed)
    if (missing.has(run.id)) await audit('ended', run.id, run.request.by.id, await detailsOf(run, end))
}

function isDenied(approval: Approval | undefined, { at }: End): boolean {
  return approval !== undefined && approvalState(approval, at) === 'denied'
}
