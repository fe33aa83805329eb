import { createRedactor } from '#core/output/redact'
import type { AuditLog } from '#core/ports/store'
import type { AuditRecord } from '#core/runs/audit-record'

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

type Parts = {
  log: Pick<AuditLog, 'append' | 'appendOnce' | 'runsWithout'>
  now: () => Date
  rules: () => { redact: readonly string[] }
}

/**
 * Creates what writes audit records. They stay for good, so that no secret of a command, a reason or a mistake comes
 * into one.
 */
export function createAuditContext({ log, now, rules }: Parts): AuditContext {
  const hide = (details: Readonly<Record<string, string>>) => {
    const redactor = createRedactor(rules().redact)
    return Object.fromEntries(Object.entries(details).map(([name, text]) => [name, redactor.peek(text)]))
  }
  return {
    audit: (what, run, person, details) =>
      log.append({ at: now().toISOString(), what, run, person, details: hide(details) }),
    auditOnce: (what, run, person, details) =>
      log.appendOnce({ at: now().toISOString(), what, run, person, details: hide(details) }),
    unrecorded: log.runsWithout,
  }
}
