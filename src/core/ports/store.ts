import type { AlertRecord } from '#core/alerts/alert-record'
import type { Confirmation, Passkey } from '#core/approvals/confirmation'
import type { FanOut, Outcome } from '#core/fan-out/fan-out'
import type { PageGrant } from '#core/messages/run-page'
import type { MessageRef } from '#core/messages/thread-ref'
import type { SessionRecording } from '#core/recording/session-recording'
import type { Target } from '#core/request/target'
import type { AuditEntry, AuditHead, AuditRecord } from '#core/runs/audit-record'
import type { Pause } from '#core/runs/pause'
import type { Run } from '#core/runs/run'
import type { Instant } from '#core/util/instant'
import type { Transcripts } from './transcripts.ts'

/** A stored value whose signature is invalid: it was changed, moved to another key, or written by something else. */
export type Broken = 'broken'

/** A value that was read: verified, broken, or absent. */
export type StoredValue<T> = T | Broken | undefined

/** What a conversation's messages are posted to. `serviceUrl`: where its chat platform's service is reached. */
export type StoredConversation = { serviceUrl: string; type: 'channel' | 'groupChat' | 'personal'; tenant: string }

/** Kinds of single values, each under a key of its own. */
export type ValueKinds = {
  'fan-out': FanOut
  /** Hash of the message that a fan-out shows, whether its file was attached, and the file's name where the chat took it. */
  'fan-out-shown': { hash: string; attached?: true; file?: string }
  /** Message in the thread of a fan-out's message. */
  'fan-out-thread': MessageRef
  /** Text about its queue position that a run's message shows. */
  'position-shown': { note: string }
  /** Newest triage of a thread, by its id. */
  'thread-triage': { id: string }
  /** Newest target of a thread. */
  'thread-target': Target
  /** Run whose approval covers further runs. */
  'standing-approval': { run: string }
  'policy-hash': { hash: string }
  /** Pause of all runs, under the key `current`. */
  pause: Pause
  passkeys: readonly Passkey[]
  confirmation: Confirmation
  'page-link': PageGrant
  conversation: StoredConversation
  /** Alert that was shown, by its id. */
  alert: AlertRecord
  'alert-resolved': { at: Instant }
  /** Newest alert of a sender with a fingerprint. */
  'alert-latest': { id: string; startsAt: Instant }
  /** Number of the first output byte of a session that its runner still holds. */
  'terminal-position': { released: number }
}

/** Kinds of values that are fields of one key. */
export type FieldKinds = {
  /** Fan-outs that workers still update, by id. */
  'open-fan-outs': FanOut
  /** A person's fan-outs, by id. `at`: ms since 1970. */
  'fan-outs-of': { at: number }
  /** Open interactive sessions, by id. */
  'open-sessions': { person: string; target: string; until: Instant }
  /** Triages that look into an alert, by their ids. `at`: ms since 1970. */
  'alert-triages': { at: number }
  /** Recordings of ended sessions, by id. */
  recordings: SessionRecording
  /** Progress of a fan-out's runs, by run id. */
  outcomes: Outcome
}

/** Store of values, each signed together with its kind and key. `seconds` is the lifetime from now. */
export type Values = {
  setValue: <K extends keyof ValueKinds>(kind: K, key: string, value: ValueKinds[K], seconds?: number) => Promise<void>
  getValue: <K extends keyof ValueKinds>(kind: K, key: string) => Promise<StoredValue<ValueKinds[K]>>
  /** Returns a value and deletes it atomically, so that only one caller gets it. */
  takeValue: <K extends keyof ValueKinds>(kind: K, key: string) => Promise<StoredValue<ValueKinds[K]>>
  deleteValue: (kind: keyof ValueKinds, key: string) => Promise<void>
  /** Sets a field of a key. The field has its own lifetime; the key has that of the longest one. */
  setField: <K extends keyof FieldKinds>(
    kind: K,
    key: string,
    field: string,
    value: FieldKinds[K],
    seconds: number,
  ) => Promise<void>
  fields: <K extends keyof FieldKinds>(kind: K, key: string) => Promise<ReadonlyMap<string, FieldKinds[K] | Broken>>
  /** Returns one field of a key. */
  field: <K extends keyof FieldKinds>(kind: K, key: string, field: string) => Promise<StoredValue<FieldKinds[K]>>
  deleteField: (kind: keyof FieldKinds, key: string, field: string) => Promise<void>
}

/** A lock as its holder has it. Where it has expired and others have acquired it, neither of these changes theirs. */
export type Lock = {
  /** Lets it expire `seconds` from now. Returns false where it isn't held any more. */
  extend: (seconds: number) => Promise<boolean>
  release: () => Promise<void>
}

export type Store = {
  /** Acquires a lock with this key, which expires after `seconds`. Returns undefined while another caller has it. */
  acquireLock: (key: string, seconds: number) => Promise<Lock | undefined>
  /** Counts calls with this key in the current window (`seconds`), this one included. */
  count: (key: string, seconds: number) => Promise<number>
  /** Saves a new run; returns false when a run with that id exists. */
  addRun: (run: Run) => Promise<boolean>
  run: (id: string) => Promise<StoredValue<Run>>
  /**
   * Compares and swaps: calls `change` with the newest state until its result is saved; undefined changes nothing.
   * `change` never gets a run whose signature is invalid.
   */
  changeRun: (id: string, change: (run: Run) => Run | undefined) => Promise<StoredValue<Run>>
  /** Replaces a run whose stored state is broken, by the state that the caller has verified before. */
  replaceRun: (run: Run) => Promise<void>
  /** Returns a person's newest runs, newest first. */
  runsOf: (personId: string, limit: number) => Promise<readonly Run[]>
  /** Returns the ids of open runs: not ended, or with a result that isn't delivered. */
  openRuns: () => Promise<readonly string[]>
  /** Removes a run from the open runs. */
  closeRun: (id: string) => Promise<void>
} & Values &
  Transcripts

/** Append-only audit log: never trimmed, ordered, with detection of changed records. */
export type AuditLog = {
  /**
   * Resolves when the record is stored. The recorded action is done only after that. Rejects with `AuditBrokenError`
   * where the stored log isn't what this program wrote.
   */
  append: (record: AuditRecord) => Promise<void>
  /** Appends a record unless the run has one of this kind already: then resolves with false. */
  appendOnce: (record: AuditRecord) => Promise<boolean>
  /** Yields all entries in order, except those that this program didn't write. */
  read: () => AsyncIterable<AuditEntry>
  /** Yields the same entries from the newest to the oldest. */
  readBack: () => AsyncIterable<AuditEntry>
  /**
   * Returns those of the runs that have no record of this kind. Reads the log once, no further back than the decisions
   * about these runs.
   */
  runsWithout: (what: AuditRecord['what'], runs: readonly string[]) => Promise<readonly string[]>
  /**
   * Verifies the hash chain: returns the number of records, or where the chain is broken. `head`: a number and hash
   * that were logged before, which the chain must contain. `unverified`: number of the last record whose key isn't
   * here; only the links up to it are verified.
   */
  verify: (
    head?: Pick<AuditHead, 'number' | 'hash'>,
  ) => Promise<{ records: number; unverified?: number } | { mistake: string }>
}

/** Error of an append where the stored audit log isn't what this program wrote: then nothing may be run. */
export class AuditBrokenError extends Error {
  constructor(why: string) {
    super(`the audit log in Redis was changed: ${why}`)
    this.name = 'AuditBrokenError'
  }
}

/** Returns a stored value; undefined where it is absent, or broken, for callers to which that makes no difference. */
export function verified<T>(value: StoredValue<T>): T | undefined {
  return value === 'broken' ? undefined : value
}
