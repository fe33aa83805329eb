import type { Redis } from 'ioredis'
import type { AuditRecord } from '#core/runs/audit-record'
import { redisAuditLog } from '#src/redis/store/audit-log'
import { sealKey } from './settings.ts'

/** What the audit log holds, of these kinds or of all, the oldest first. */
export async function auditRecords(
  connection: Redis,
  ...kinds: readonly AuditRecord['what'][]
): Promise<AuditRecord[]> {
  const all: AuditRecord[] = []
  for await (const { record } of redisAuditLog(connection, sealKey).read())
    if (kinds.length === 0 || kinds.includes(record.what)) all.push(record)
  return all
}
