import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type { DevCluster } from '#dev/dev-cluster/cluster'

/**
 * Returns the requests that the administrator has made of the API server since this was called, as `verb resource`, each once, by the API
 * server's audit log.
 */
export function countRequests({ auditLog }: Pick<DevCluster, 'auditLog'>): () => string[] {
  const from = statSync(auditLog).size
  return () => {
    const bytes = Buffer.alloc(Math.max(0, statSync(auditLog).size - from))
    const file = openSync(auditLog, 'r')
    readSync(file, bytes, 0, bytes.length, from)
    closeSync(file)
    const lines = bytes.toString('utf8').split('\n')
    const own = lines.filter(
      (line) => line.includes('"username":"kubernetes-admin"') && line.includes('"stage":"ResponseComplete"'),
    )
    return own.map((line) => {
      const { verb, objectRef } = JSON.parse(line) as {
        verb: string
        objectRef?: { resource?: string; subresource?: string }
      }
      return [verb, [objectRef?.resource, objectRef?.subresource].filter((part) => part !== undefined).join('/')].join(
        ' ',
      )
    })
  }
}
