import type { AppendAnswer, AppendStep, StoredOutput, TakenOutput } from '#core/output/transcript-state'

/** Store of runs' outputs, written while the runs are in progress. */
export type Transcripts = {
  /**
   * Makes `writer` the only writer that may append, and returns what is stored; `broken` where its checkpoint was
   * changed.
   */
  takeTranscript: (id: string, writer: string) => Promise<TakenOutput | 'broken'>
  /**
   * Appends a text and saves the writer's checkpoint, atomically, if exactly `size` bytes are stored and there is no
   * other writer. Idempotent: a step that is repeated after a broken connection is stored once.
   */
  appendTranscript: (id: string, step: AppendStep) => Promise<AppendAnswer>
  /** Returns the output for a result message: of a large output only its beginning and end. */
  storedOutput: (id: string) => Promise<StoredOutput>
  /** Returns the whole output, empty for a run that wrote nothing; undefined where it has more than `maxBytes`. */
  transcript: (id: string, maxBytes: number) => Promise<string | undefined>
  /** Yields the whole output in pieces that end at line ends where possible, for callers that don't need it at once. */
  transcriptPieces: (id: string) => AsyncIterable<string>
}
