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
  const log = followLines(auditLog)
  const events: AuditEvent[] = []
  return {
    close: log.close,
    events() {
      for (const line of log.lines().filter((each) => each.includes(namespace))) {
        const event = JSON.parse(line) as AuditEvent
        if (event.objectRef?.namespace?.startsWith(namespace) === true) events.push(event)
      }
      return [...events]
    },
  }
}

/** Opens a log at its end. `lines`: the complete lines since the last call, also where the log was rotated once in between. */
export function followLines(path: string): { lines: () => string[]; close: () => void } {
  let log = { file: openSync(path, 'r'), at: statSync(path).size }
  return {
    close: () => closeSync(log.file),
    lines() {
      const lines = linesFrom(log)
      if (statSync(path).ino === fstatSync(log.file).ino) return lines
      const last = linesFrom(log)
      closeSync(log.file)
      log = { file: openSync(path, 'r'), at: 0 }
      return [...lines, ...last, ...linesFrom(log)]
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
