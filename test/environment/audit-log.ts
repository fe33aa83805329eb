import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { atEnd } from '#test/flow/app'
import type { TestCluster } from './test-cluster.ts'

/** A line of the API server's audit log, as far as tests look at it. */
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
 * The API server's audit log from now on until the test ends, without what other files do meanwhile: events in this file's namespaces.
 * Answers what came so far, each time all of it.
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
    // The API server puts a log that has grown large aside and begins another.
    if (statSync(auditLog).ino !== fstatSync(log.file).ino) {
      read()
      closeSync(log.file)
      log = { file: openSync(auditLog, 'r'), at: 0 }
      read()
    }
    return [...events]
  }
}

/** Whole lines that were written since the last look. */
function linesFrom(log: { file: number; at: number }): string[] {
  const bytes = Buffer.alloc(fstatSync(log.file).size - log.at)
  readSync(log.file, bytes, 0, bytes.length, log.at)
  const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1)
  log.at += whole.length
  return whole.toString('utf8').trimEnd().split('\n')
}
