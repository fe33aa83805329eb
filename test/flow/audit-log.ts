import type { Redis } from 'ioredis'
import type { AuditRecord } from '#core/runs/audit-record'
import { redisAuditLog } from '#src/redis/store/audit-log'
import { sealKey } from './settings.ts'

/** Returns the audit log's records of these kinds, or of all kinds, oldest first. */
export async function auditRecords(
  connection: Redis,
  ...kinds: readonly AuditRecord['what'][]
): Promise<AuditRecord[]> {
  const all: AuditRecord[] = []
  for await (const { record } of redisAuditLog(connection, sealKey).read())
    if (kinds.length === 0 || kinds.includes(record.what)) all.push(record)
  return all
}
