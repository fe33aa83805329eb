import type { Instant } from '#core/util/instant'

/** Of a whole output: its lines, its bytes as the tool wrote them, and how many secrets were hidden in it. */
export type Counts = { lines: number; bytes: number; redacted: number }

/** State of a transcript, for a worker that continues it. Plain JSON. */
export type TranscriptState = Counts & {
  /** Of each stream, the line that hasn't ended yet, as the tool wrote it. */
  unfinished: { stdout: string; stderr: string }
  /** True inside a private key. */
  inKey: boolean
}

/** Pieces of output that came together are one chunk; `seq` is the last one's number. */
export type OutputChunk = {
  seq: number
  stream: 'stdout' | 'stderr'
  at: Instant
  text: string
  /** Where reading stands after this chunk. */
  upTo: OutputPoint
}

/** How far a tool's output was read, so that somebody else can go on there. */
export type OutputPoint = {
  /** The number of the piece that comes next. */
  next: number
  /** When the one before it was written, by the clock of where the tool runs. */
  at: Instant
  stdout: StreamPoint
  stderr: StreamPoint
}

/** Bytes that were read, and those at their end (base64) that begin a character which isn't whole yet. */
export type StreamPoint = { bytes: number; rest: string }

/**
 * What is looked at of a stored output when it is told: all of it, or so much of its beginning and its end as any message holds.
 * In whole lines, unless one is longer than that.
 */
export type StoredOutput = Counts & {
  /** True where `head` and `tail` are both all of it. */
  whole: boolean
  head: string
  tail: string
  /** Bytes of all of it, as it is stored. */
  size: number
  /** SHA-256 (hex) of all of it; present once the run has ended. */
  sha256?: string
}

/** Bytes up to which an output is read whole; nobody reads more of one at once, and no tool's meaning is found in more. */
export const wholeBytes = 2 ** 20

/** Bytes of beginning and of end that are read of larger ones. */
export const partBytes = 2 ** 17

/** Point at which a worker that takes a run over continues, with the transcript's state there. Plain JSON. */
export type Checkpoint = {
  transcript: TranscriptState
  /** Left out: nothing has come yet. */
  point?: OutputPoint
  /** True where more came than is kept. */
  full?: boolean
  /** SHA-256 (hex) of all that is stored; present once nothing more comes. */
  sha256?: string
}

/**
 * `kept`; `taken`: another worker writes it now, so this one has nothing more to say; `differs`: what is stored isn't what was
 * written (Redis was set back), so whoever writes it has to begin again from what is there.
 */
export type AppendAnswer = 'kept' | 'taken' | 'differs'

/** What a new writer finds: the output written before. */
export type TakenOutput = { size: number; tail: string; checkpoint?: Checkpoint }

/** What runs write, kept as it comes. */
export type Transcripts = {
  /** Makes this the only writer that may append. */
  takeTranscript: (id: string, writer: string) => Promise<TakenOutput>
  /**
   * Adds a text and remembers where its writer stands, both or neither: only where `size` bytes are stored, and by nobody else.
   * The same step twice (a connection that broke) is one step.
   */
  appendTranscript: (id: string, step: AppendStep) => Promise<AppendAnswer>
  /** Output for a result message; of a large one its beginning and end. */
  storedOutput: (id: string) => Promise<StoredOutput>
  /** All of it; undefined where it has more than `most` bytes. Empty for a run that wrote nothing. */
  transcript: (id: string, most: number) => Promise<string | undefined>
  /** All output in pieces that end at line ends where possible, for callers that need not hold it at once. */
  transcriptPieces: (id: string) => AsyncIterable<string>
}

/** `writer` is anything that no other writer has. */
export type AppendStep = { writer: string; size: number; text: string; checkpoint: Checkpoint }
