import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { atEnd } from '#test/flow/app'
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

/**
 * Follows the API server's audit log until the test ends. The returned function returns all events since the start in this file's
 * namespaces, so that those of other test files are left out.
 */
export function followAudit({ auditLog, namespace }: TestCluster): () => AuditEvent[] {
  let log = { file: openSync(auditLog, 'r'), at: statSync(auditLog).size }
  atEnd(async () => closeSync(log.file))
  const events: AuditEvent[] = []
  const read = () => {
    for (const line of linesFrom(log).filter((each) => each.includes(namespace))) {
      const event = JSON.parse(line) as AuditEvent
      if (event.objectRef?.namespace?.startsWith(namespace) === true) events.push(event)
    }
  }
  return () => {
    read()
    // The API server rotates its log when it has grown large.
    if (statSync(auditLog).ino !== fstatSync(log.file).ino) {
      read()
      closeSync(log.file)
      log = { file: openSync(auditLog, 'r'), at: 0 }
      read()
    }
    return [...events]
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
