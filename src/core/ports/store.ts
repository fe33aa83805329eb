import type { Transcripts } from '#core/output/transcript-state'
import type { AuditEntry, AuditRecord } from '#core/runs/audit-record'
import type { Run } from '#core/runs/run'

export type Store = {
  /** Returns true for the first caller with this key; false for others until `seconds` have passed. */
  acquireLock: (key: string, seconds: number) => Promise<boolean>
  /** Counts calls with this key in the current window (`seconds`), this one included. */
  count: (key: string, seconds: number) => Promise<number>
  /** Saves a new run; returns false when a run with that id exists. */
  addRun: (run: Run) => Promise<boolean>
  run: (id: string) => Promise<Run | undefined>
  /** Compares and swaps: calls `change` with the newest state until its result is saved; undefined changes nothing. */
  changeRun: (id: string, change: (run: Run) => Run | undefined) => Promise<Run | undefined>
  /** Returns a person's newest runs, newest first. */
  runsOf: (personId: string, limit: number) => Promise<readonly Run[]>
  /** Returns the ids of open runs: not ended, or with a result that isn't delivered. */
  openRuns: () => Promise<readonly string[]>
  /** Removes a run from the open runs. */
  closeRun: (id: string) => Promise<void>
  /** Sets a key's text, with a lifetime in seconds where given. */
  set: (key: string, text: string, seconds?: number) => Promise<void>
  get: (key: string) => Promise<string | undefined>
  /** Returns a key's text and deletes it atomically, so that only one caller gets it. */
  getAndDelete: (key: string) => Promise<string | undefined>
  /** Releases a lock of `acquireLock`. */
  releaseLock: (key: string) => Promise<void>
  /** Sets a field of a key, and the lifetime of all its fields in seconds from now. */
  setField: (key: string, field: string, text: string, seconds: number) => Promise<void>
  /** Returns all fields of a key with their texts. */
  fields: (key: string) => Promise<ReadonlyMap<string, string>>
  deleteField: (key: string, field: string) => Promise<void>
} & Transcripts

/** Append-only audit log: never trimmed, ordered, with detection of changed records. */
export type AuditLog = {
  /** Resolves when the record is stored. The recorded action is done only after that. */
  append: (record: AuditRecord) => Promise<void>
  read: () => AsyncIterable<AuditEntry>
  /**
   * Returns those of the runs that have no record of this kind. Reads the log once, no further back than the decisions
   * about these runs.
   */
  runsWithout: (what: AuditRecord['what'], runs: readonly string[]) => Promise<readonly string[]>
  /** Verifies the hash chain: returns the number of records, or where the chain is broken. */
  verify: () => Promise<{ records: number } | { mistake: string }>
}
