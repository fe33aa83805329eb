import type { AuditEntry, AuditHead } from '#core/runs/audit-record'
import { isRecord, parseJson } from '#core/util/json'

/**
 * Returns the entry that a stored text has; undefined where it isn't one, as others may write to Redis. Says nothing of
 * its genuineness.
 */
export function parseAuditEntry(text: string | undefined): AuditEntry | undefined {
  const entry = parseObject(text)
  const record = entry?.['record']
  const isWhole =
    hasEnd(entry) &&
    typeof entry['before'] === 'string' &&
    isOptional(entry['keyed'], 'boolean') &&
    isOptional(entry['key'], 'string') &&
    isRecord(record) &&
    typeof record['what'] === 'string' &&
    typeof record['run'] === 'string'
  return isWhole ? (entry as AuditEntry) : undefined
}

/** Returns the head that a stored text has; undefined where it isn't one. */
export function parseAuditHead(text: string): AuditHead | undefined {
  const head = parseObject(text)
  return hasEnd(head) && typeof head['signature'] === 'string' ? (head as AuditHead) : undefined
}

/** Returns true for what has a number and a hash, and a format that is a number where it has one. */
function hasEnd(value: Record<string, unknown> | undefined): value is Record<string, unknown> {
  return (
    Number.isSafeInteger(value?.['number']) &&
    typeof value?.['hash'] === 'string' &&
    isOptional(value['format'], 'number')
  )
}

function isOptional(value: unknown, type: 'boolean' | 'number' | 'string'): boolean {
  return value === undefined || typeof value === type
}

function parseObject(text: string | undefined): Record<string, unknown> | undefined {
  const value = text === undefined ? undefined : parseJson(text)
  return isRecord(value) ? value : undefined
}
