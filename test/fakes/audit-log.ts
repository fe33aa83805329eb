import type { AuditLog } from '#core/ports/store'
import { type AuditEntry, type AuditRecord, chainStart } from '#core/runs/audit-record'
import { hashOf } from '#src/app/hash-of-value'

export type FakeAuditLog = AuditLog & {
  /** All records, in order. */
  records: AuditRecord[]
  /** Makes every further append fail, as a store that can't be written does. */
  fails?: Error
}

/** Returns an audit log in memory: a chain of hashes without a key. */
export function memoryAuditLog(): FakeAuditLog {
  const records: AuditRecord[] = []
  const entries = (): AuditEntry[] => {
    let before = chainStart
    return records.map((record, at) => {
      const entry = { number: at + 1, record, before, hash: hashOf({ number: at + 1, record, before }) }
      before = entry.hash
      return entry
    })
  }
  const append = async (record: AuditRecord) => {
    if (log.fails !== undefined) throw log.fails
    records.push(JSON.parse(JSON.stringify(record)) as AuditRecord)
  }
  const log: FakeAuditLog = {
    records,
    append,
    async appendOnce(record) {
      if (records.some(({ what, run }) => what === record.what && run === record.run)) return false
      await append(record)
      return true
    },
    async *read() {
      for (const entry of entries()) yield entry
    },
    async *readBack() {
      for (const entry of entries().toReversed()) yield entry
    },
    runsWithout: async (what, runs) =>
      runs.filter((run) => !records.some((record) => record.run === run && record.what === what)),
    async verify(head) {
      const isContained = entries().some(({ number, hash }) => number === head?.number && hash === head.hash)
      return head === undefined || isContained
        ? { records: records.length }
        : { mistake: `record ${head.number} with the given hash is missing` }
    },
  }
  return log
}
