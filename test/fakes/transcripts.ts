import { createHash } from 'node:crypto'
import { emptyTranscript } from '#core/output/transcript-builder'
import { type Checkpoint, partBytes, wholeBytes } from '#core/output/transcript-state'
import type { Transcripts } from '#core/ports/transcripts'

export type FakeTranscripts = Transcripts & {
  /** Replaces a stored output as somebody without the key would: its checkpoint remains. */
  changeOutput: (id: string, text: string) => void
  /** Changes the checkpoint of an output as somebody without the key would. */
  breakCheckpoint: (id: string) => void
}

type Stored = { writer?: string; text: string; checkpoint?: Checkpoint; broken?: true }

const bytesOf = (text: string) => Buffer.byteLength(text)
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Returns a store of outputs in memory. */
export function memoryTranscripts(): FakeTranscripts {
  const all = new Map<string, Stored>()
  const of = (id: string): Stored => all.get(id) ?? { text: '' }
  return {
    async takeTranscript(id, writer) {
      const { text, checkpoint, broken } = of(id)
      all.set(id, { ...of(id), writer })
      if (broken) return 'broken'
      const taken = { size: bytesOf(text), tail: tailOf(text) }
      return checkpoint === undefined ? taken : { ...taken, checkpoint }
    },
    async appendTranscript(id, { writer, size, text, checkpoint }) {
      const stored = of(id)
      if (stored.writer !== undefined && stored.writer !== writer) return 'taken'
      const now = bytesOf(stored.text)
      const isRepeated = now !== size && stored.writer !== undefined && now === size + bytesOf(text)
      if (now !== size && !isRepeated) return 'differs'
      all.set(id, { writer, checkpoint, text: isRepeated ? stored.text : stored.text + text })
      return 'kept'
    },
    async storedOutput(id) {
      const { text, checkpoint } = of(id)
      const { transcript = emptyTranscript, sha256: recorded } = checkpoint ?? {}
      const { lines, bytes, redacted } = transcript
      const size = bytesOf(text)
      const whole = size <= wholeBytes
      const [head, tail] = whole ? [text, text] : [headOf(text), tailOf(text)]
      const digest = sha256(whole ? text : `${head}\0${tail}`)
      const stored = { lines, bytes, redacted, size, whole, digest, head, tail }
      return recorded === undefined ? stored : { ...stored, sha256: recorded }
    },
    async transcript(id, maxBytes) {
      const { text } = of(id)
      return bytesOf(text) > maxBytes ? undefined : text
    },
    async *transcriptPieces(id) {
      const { text } = of(id)
      if (text !== '') yield text
    },
    changeOutput(id, text) {
      all.set(id, { ...of(id), text })
    },
    breakCheckpoint(id) {
      all.set(id, { ...of(id), broken: true })
    },
  }
}

/** Returns the complete lines among the first bytes. */
function headOf(text: string): string {
  const head = Buffer.from(text).subarray(0, partBytes).toString()
  return head.slice(0, head.lastIndexOf('\n') + 1)
}

/** Returns the complete lines among the last bytes. */
function tailOf(text: string): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= partBytes) return text
  const tail = bytes.subarray(bytes.length - partBytes).toString()
  return tail.slice(tail.indexOf('\n') + 1)
}
