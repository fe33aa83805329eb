import type { Redis } from 'ioredis'
import type { AuditRecord } from '#core/runs/audit-record'
import { connectRedis } from '#src/redis/connection'
import { redisAuditLog } from '#src/redis/store/audit-log'
import { silentLog } from '#test/samples/run'
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

/** Returns the same, by a connection of its own. `url`: address of Redis. */
export async function auditRecordsAt(url: string, ...kinds: readonly AuditRecord['what'][]): Promise<AuditRecord[]> {
  const connection = connectRedis(url, silentLog)
  try {
    return await auditRecords(connection, ...kinds)
  } finally {
    connection.disconnect()
  }
}
