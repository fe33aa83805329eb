import type { Instant } from '#core/util/instant'
import type { OpenSecret } from './redaction/blocks.ts'

/** Counts of a whole output: lines, bytes as the tool wrote them, and secrets that were hidden. */
export type Counts = { lines: number; bytes: number; redacted: number }

/** State of a transcript, so that another worker can continue it. Plain JSON. */
export type TranscriptState = Counts & {
  /** Unfinished line of each stream, as the tool wrote it. */
  unfinished: { stdout: string; stderr: string }
  /** True inside a private key; earlier versions read only this. */
  inKey: boolean
  /** What the next line may continue. */
  open?: OpenSecret
}

/** Pieces of output that were received together; `seq` is the number of the last piece. */
export type OutputChunk = {
  seq: number
  stream: 'stdout' | 'stderr'
  at: Instant
  text: string
  /** Read position after this chunk. */
  upTo: OutputPoint
}

/** Position in a tool's output at which another worker can continue to read. */
export type OutputPoint = {
  /** Number of the next piece. */
  next: number
  /** Time at which the previous piece was written, by the clock of the tool's node. */
  at: Instant
  stdout: StreamPoint
  stderr: StreamPoint
}

/** Number of bytes read, and the bytes at their end (base64) that are the start of an incomplete character. */
export type StreamPoint = { bytes: number; rest: string }

/**
 * Stored output for a result message: all of it, or as much of its beginning and its end as any message can show.
 * Consists of whole lines, unless one line is longer than that.
 */
export type StoredOutput = Counts & {
  /** True where `head` and `tail` are each the whole output. */
  whole: boolean
  head: string
  tail: string
  /** Bytes of the whole output as stored. */
  size: number
  /** SHA-256 (hex) of the whole output as its writer counted it; present once the run has ended. */
  sha256?: string
  /** SHA-256 (hex) of what was read: of the whole output, or of `head`, a NUL and `tail`. */
  digest: string
}

/** Maximum bytes of an output that is read as a whole: no message shows more, and larger output isn't interpreted. */
export const wholeBytes = 2 ** 20

/** Bytes that are read of the beginning and of the end of a larger output. */
export const partBytes = 2 ** 17

/** Point at which a worker that takes a run over continues, with the transcript's state there. Plain JSON. */
export type Checkpoint = {
  transcript: TranscriptState
  /** Undefined where no output was received yet. */
  point?: OutputPoint
  /** True where the tool wrote more than is stored. */
  full?: boolean
  /** SHA-256 (hex) of the whole stored output; present once the output is complete. */
  sha256?: string
  /** SHA-256 (hex) of what is stored so far. */
  stored?: string
}

/**
 * Result of an append. `kept`: the text is stored. `taken`: another worker is the writer now, so this one stops.
 * `differs`: the stored output isn't what was written (Redis was reset to an earlier state), so the writer has to
 * continue from what is stored.
 */
export type AppendAnswer = 'kept' | 'taken' | 'differs'

/** Stored output that a new writer continues: its size in bytes, its end and its checkpoint. */
export type TakenOutput = { size: number; tail: string; checkpoint?: Checkpoint }

/** One append. `writer` is a unique id of the writer; `size` is the number of bytes that it expects to be stored. */
export type AppendStep = { writer: string; size: number; text: string; checkpoint: Checkpoint }
