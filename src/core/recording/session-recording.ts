import type { Labels, Target } from '#core/request/target'
import type { Instant } from '#core/util/instant'

/** State of a recording while it is written: signed, and stored together with each event. */
export type RecordingCheckpoint = {
  /** Key of the recording, encrypted with the installation's. */
  key: string
  startedAt: Instant
  /** Time until which all parts are stored. */
  expiresAt: Instant
  events: number
  /** Number of the first output byte that is recorded, and of the next one. */
  from: number
  upTo: number
  /** Bytes of all encrypted events. */
  size: number
  /** Hash (SHA-256, hex) of the last event, which covers all before it. */
  hash: string
  /** Events in segments, and number of segments. */
  sealed: number
  segments: number
}

/** Recording of an ended session. */
export type SessionRecording = RecordingCheckpoint & {
  id: string
  by: { id: string; name: string }
  target: Target
  labels: Labels
  namespaceLabels: Labels
  set: string
  endedAt: Instant
  /** SHA-256 (hex) and bytes of the whole output, as the shell's container counted it. */
  sha256?: string
  total?: number
}

/** What a session's own record says about its recording. `bytes`: of output. */
export type RecordingSummary = { events: number; bytes: number; hash: string; expiresAt: Instant }

export function summaryOf({ events, from, upTo, hash, expiresAt }: RecordingCheckpoint): RecordingSummary {
  return { events, bytes: upTo - from, hash, expiresAt }
}
