import type { DevCluster } from '#dev/dev-cluster/cluster'
import { type AuditEvent, followLines } from '#test/environment/open-audit-log'

/**
 * Returns a function that returns the requests that the administrator has made of the API server since then, as `verb resource`, each once,
 * by the API server's audit log. It is called once.
 */
export function countRequests({ auditLog }: Pick<DevCluster, 'auditLog'>): () => string[] {
  const log = followLines(auditLog)
  return () => {
    const lines = log.lines()
    log.close()
    const own = lines.filter(
      (line) => line.includes('"username":"kubernetes-admin"') && line.includes('"stage":"ResponseComplete"'),
    )
    return own.map((line) => {
      const { verb, objectRef } = JSON.parse(line) as AuditEvent
      const parts = [objectRef?.resource, objectRef?.subresource]
      return `${verb} ${parts.filter((part) => part !== undefined).join('/')}`
    })
  }
}
