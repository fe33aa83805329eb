import type { Log } from '#core/ports/log'
import type { AuditContext } from './audit-writer.ts'

/**
 * Reports that something stored isn't what this program wrote, in the log and in the audit log. Never rejects: whatever
 * was changed isn't used in any case.
 */
export async function raiseAlarm(
  { log, audit }: { log: Log; audit: AuditContext['audit'] },
  subject: string,
  person: string,
  why: string,
): Promise<void> {
  log.error({ subject, why }, 'ALARM: something other than this program changed what it stored; it is not used')
  await audit('alarm', subject, person, { why }).catch((error: unknown) =>
    log.error({ subject, error: String(error) }, 'an alarm could not be recorded'),
  )
}
