import { approvalState } from './approval.ts'
import type { AuditRecord } from './audit.ts'
import type { Run } from './run.ts'

/** The audit log, as those who work with runs have it. */
export type Records = {
  /** Keeps a record of what is about to happen; rejects when it can't, and then it doesn't happen. */
  audit: (what: AuditRecord['what'], run: string, person: string, details: Record<string, string>) => Promise<void>
  /** Whether such a record of a run is kept. */
  recorded: (what: AuditRecord['what'], run: string) => Promise<boolean>
}

/**
 * Puts a saved ending on record whose own process was cut off, perhaps before it did so; does nothing where it stands there. A denial
 * stands there as the review that it is.
 */
export async function recordLate(
  { audit, recorded }: Records,
  { id, request, approval, end }: Run,
  details: Record<string, string>,
): Promise<void> {
  if (end === undefined || (approval !== undefined && approvalState(approval, end.at) === 'denied')) return
  if (!(await recorded('ended', id))) await audit('ended', id, request.by.id, details)
}
