import type { RecordingCheckpoint } from '#core/recording/session-recording'

/** `taken`: another writer took the recording over. `differs`: what is stored isn't what the writer knows. */
export type RecordingAnswer = 'stored' | 'taken' | 'differs'

/** Write-ahead list of recordings: an event is in it before it is shown, and until it is in a segment. */
export type RecordingLog = {
  /** Makes `writer` the only writer, and returns where the recording is; undefined where there is none. */
  takeRecording: (id: string, writer: string) => Promise<RecordingCheckpoint | 'broken' | undefined>
  /**
   * Appends encrypted events with the checkpoint after them, atomically, if there is no other writer and exactly the events before them are
   * recorded. Idempotent: a step that is repeated after a broken connection is stored once.
   */
  appendEvents: (
    id: string,
    step: { writer: string; events: readonly Uint8Array[]; checkpoint: RecordingCheckpoint },
  ) => Promise<RecordingAnswer>
  /** Removes the oldest events, which are in a segment now, under the same conditions. */
  dropEvents: (
    id: string,
    step: { writer: string; count: number; checkpoint: RecordingCheckpoint },
  ) => Promise<RecordingAnswer>
  /** Returns the events that are in no segment. */
  pendingEvents: (id: string) => Promise<readonly Uint8Array[]>
}
