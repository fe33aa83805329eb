import { type Approval, approvalState } from './approval.ts'
import type { AuditRecord } from './audit.ts'
import type { End, Run } from './run.ts'

/** The audit log, as those who work with runs have it. */
export type Records = {
  /** Keeps a record of what is about to happen; rejects when it can't, and then it doesn't happen. */
  audit: (what: AuditRecord['what'], run: string, person: string, details: Record<string, string>) => Promise<void>
  /** Those of the runs that have left no such record. */
  unrecorded: (what: AuditRecord['what'], runs: readonly string[]) => Promise<readonly string[]>
}

/**
 * Those of ended runs whose ending isn't on record: its process was cut off between the two. A denial is on record as the review that it
 * is. Many may wait to be told in a busy hour, so they are looked for together.
 */
export async function endedUnrecorded({ unrecorded }: Records, runs: readonly Run[]): Promise<readonly string[]> {
  const owed = runs.filter(({ approval, end }) => end !== undefined && !isDenied(approval, end)).map(({ id }) => id)
  return owed.length === 0 ? [] : unrecorded('ended', owed)
}

function isDenied(approval: Approval | undefined, { at }: End): boolean {
  return approval !== undefined && approvalState(approval, at) === 'denied'
}
