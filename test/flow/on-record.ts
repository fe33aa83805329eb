import type { Redis } from 'ioredis'
import type { AuditRecord } from '#core/audit'
import { redisAudit } from '#src/store/audit'
import { sealKey } from './settings.ts'

/** What the audit log holds of a kind, the oldest first. */
export async function onRecord(connection: Redis, what: AuditRecord['what']): Promise<AuditRecord[]> {
  const all: AuditRecord[] = []
  for await (const { record } of redisAudit(connection, sealKey).read()) if (record.what === what) all.push(record)
  return all
}
