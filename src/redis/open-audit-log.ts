import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Log } from '#core/ports/log'
import type { Secrets } from './derived-key.ts'
import { redisAuditLog } from './store/audit-log.ts'
import type { ReportBroken } from './store/signed-values.ts'

/** Maximum number of broken values that this process remembers to have reported. */
const maxReported = 10_000

/** Minimum ms between two heads in the log. */
const headIntervalMs = 60_000

/**
 * Opens the audit log, and creates the functions that report what something other than this program wrote: in the log
 * and in the audit log, once for each text.
 */
export function openAuditWithAlarms(
  redis: Redis,
  secrets: Secrets,
  log: Log,
  { now, onAlarm = () => undefined }: { now: () => Date; onAlarm?: (kind: 'audit' | 'value') => void },
) {
  let loggedAt = Number.NEGATIVE_INFINITY
  const audit = redisAuditLog(redis, secrets, {
    alarm(why) {
      onAlarm('audit')
      log.error({}, `ALARM: ${why}`)
    },
    onHead({ number, hash }) {
      if (performance.now() - loggedAt < headIntervalMs) return
      loggedAt = performance.now()
      log.info({ head: `${number}:${hash}` }, 'audit head')
    },
  })
  const alarm = (subject: string, why: string) => {
    onAlarm('value')
    log.error({ subject, why }, 'ALARM: something other than this program changed what it stored; it is not used')
    const record = { at: now().toISOString(), what: 'alarm' as const, run: subject, person: '', details: { why } }
    audit
      .append(record)
      .catch((error: unknown) => log.error({ subject, error: String(error) }, 'an alarm could not be recorded'))
  }
  const reported = new Set<string>()
  const report: ReportBroken = (key, text) => {
    const id = `${key} ${createHash('sha256').update(text).digest('hex')}`
    if (reported.has(id) || reported.size >= maxReported) return
    reported.add(id)
    alarm(key, 'its signature is invalid')
  }
  return { audit, report, alarm }
}
