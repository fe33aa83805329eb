import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import type { TestCluster } from './test-cluster.ts'

/** Event of the API server's audit log, with the properties that tests use. */
export type AuditEvent = {
  stage: string
  verb: string
  requestURI: string
  user: { username: string }
  impersonatedUser?: { username: string; groups: string[]; extra?: Record<string, string[]> }
  objectRef?: { resource?: string; subresource?: string; namespace?: string; name?: string }
  responseStatus?: { code?: number }
}

/** Open audit log of the API server. */
export type AuditLogReader = {
  /** Returns all events since it was opened in the namespaces whose names begin with the cluster's. */
  events: () => AuditEvent[]
  close: () => void
}

/** Opens the API server's audit log at its end. Events of other test files are left out, by their namespaces. */
export function openAuditLog({ auditLog, namespace }: Pick<TestCluster, 'auditLog' | 'namespace'>): AuditLogReader {
  let log = { file: openSync(auditLog, 'r'), at: statSync(auditLog).size }
  const events: AuditEvent[] = []
  const read = () => {
    for (const line of linesFrom(log).filter((each) => each.includes(namespace))) {
      const event = JSON.parse(line) as AuditEvent
      if (event.objectRef?.namespace?.startsWith(namespace) === true) events.push(event)
    }
  }
  return {
    close: () => closeSync(log.file),
    events() {
      read()
      // The API server rotates its log when it has grown large.
      if (statSync(auditLog).ino !== fstatSync(log.file).ino) {
        read()
        closeSync(log.file)
        log = { file: openSync(auditLog, 'r'), at: 0 }
        read()
      }
      return [...events]
    },
  }
}

/** Returns the complete lines that were written since the last call. */
function linesFrom(log: { file: number; at: number }): string[] {
  const bytes = Buffer.alloc(fstatSync(log.file).size - log.at)
  readSync(log.file, bytes, 0, bytes.length, log.at)
  const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1)
  log.at += whole.length
  return whole.toString('utf8').trimEnd().split('\n')
}
