import type { Transcripts } from '#core/output/stored-output'
import type { AuditEntry, AuditRecord } from '#core/runs/audit-record'
import type { Run } from '#core/runs/run'

export type Store = {
  /** True for the first caller with this key; false for the others, until `seconds` have passed. */
  acquireLock: (key: string, seconds: number) => Promise<boolean>
  /** Counts calls with this key in the current window (`seconds`), this one included. */
  count: (key: string, seconds: number) => Promise<number>
  /** Saves a new run; false when there is one of that id. */
  addRun: (run: Run) => Promise<boolean>
  run: (id: string) => Promise<Run | undefined>
  /** Compare and swap: `change` is called with the newest state until its result could be saved; undefined leaves all as it is. */
  changeRun: (id: string, change: (run: Run) => Run | undefined) => Promise<Run | undefined>
  /** A person's newest runs, newest first. */
  runsOf: (personId: string, limit: number) => Promise<readonly Run[]>
  /** Ids of runs that haven't ended, or whose ending hasn't been told. */
  openRuns: () => Promise<readonly string[]>
  /** Strikes a run off that list. */
  closeRun: (id: string) => Promise<void>
  /** Sets a key's text, with a lifetime in seconds where given. */
  set: (key: string, text: string, seconds?: number) => Promise<void>
  get: (key: string) => Promise<string | undefined>
  /** The same, for one caller only: it is forgotten by this. */
  getAndDelete: (key: string) => Promise<string | undefined>
  /** Gives back what `claim` took. */
  releaseLock: (key: string) => Promise<void>
  /** Sets a field of a key, and the lifetime of all its fields in seconds from now. */
  setField: (key: string, field: string, text: string, seconds: number) => Promise<void>
  /** All fields of a key with their texts. */
  fields: (key: string) => Promise<ReadonlyMap<string, string>>
  deleteField: (key: string, field: string) => Promise<void>
} & Transcripts

/** What happened, for ever, in order, so that no change goes unseen. */
export type AuditLog = {
  /** Resolves when the record is kept; what it is about is done after that, never before. */
  append: (record: AuditRecord) => Promise<void>
  read: () => AsyncIterable<AuditEntry>
  /** Those of the runs that have left no such record, in one look that goes no further back than the decisions about them. */
  lacking: (what: AuditRecord['what'], runs: readonly string[]) => Promise<readonly string[]>
  /** How many records there are, or where the chain is broken. */
  verify: () => Promise<{ records: number } | { mistake: string }>
}
