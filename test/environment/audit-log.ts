import { atEnd } from '#test/flow/app'
import { type AuditEvent, openAuditLog } from './open-audit-log.ts'
import type { TestCluster } from './test-cluster.ts'

/** Follows the API server's audit log until the test ends. The returned function returns all events since the start in this file's namespaces. */
export function followAudit(cluster: TestCluster): () => AuditEvent[] {
  const log = openAuditLog(cluster)
  atEnd(async () => log.close())
  return log.events
}
