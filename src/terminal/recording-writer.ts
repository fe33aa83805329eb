import type { KeyObject } from 'node:crypto'
import { encodeEvent, type RecordedEvent } from '#core/recording/recorded-event'
import type { RecordingCheckpoint } from '#core/recording/session-recording'
import { errorMessage } from '#core/util/error-message'
import { retry } from '#core/util/retry'
import { withTimeout } from '#core/util/timeout'
import type { TerminalContext } from './context.ts'
import { nextHash, sealEvent } from './recording/cipher.ts'
import { toSegment } from './recording/to-segment.ts'

/**
 * `away`: the store didn't take it in time. `limit`: the set's `maxRecording`. `full`: no room for artifacts. `taken`: another process records.
 * `changed`: what is stored isn't what was recorded.
 */
export type RecordingFault = 'away' | 'limit' | 'full' | 'taken' | 'changed'

/** Why nothing more of a session can be recorded, and so nothing more is shown. The message completes "it ended because …". */
export class RecordingError extends Error {
  readonly kind: RecordingFault
  constructor(kind: RecordingFault) {
    super(faultTexts[kind])
    this.name = 'RecordingError'
    this.kind = kind
  }
}

const faultTexts: Record<RecordingFault, string> = {
  away: 'its recording could not be stored for five seconds; nothing that is not recorded is shown',
  limit: 'its recording reached the limit of its set (maxRecording)',
  full: 'there is no room for more recordings (limits.artifacts); tell the owner of the bot',
  taken: 'another process records it',
  changed: 'its recording was changed in Redis by something other than this program; tell the owner of the bot',
}

export type WriterContext = Pick<TerminalContext, 'recordings' | 'artifacts' | 'timing' | 'now' | 'log' | 'metrics'>

/** State of a recording that is taken over. `pending`: its events that are in no segment. */
export type Begun = {
  id: string
  writer: string
  key: KeyObject
  checkpoint: RecordingCheckpoint
  pending: Uint8Array[]
  maxBytes: number
}

/** Writes events of one recording to the store, one step after the other. Each function rejects with a `RecordingError`. */
export type RecordingWriter = {
  append: (events: readonly RecordedEvent[]) => Promise<void>
  /** Moves the events that are in no segment to one. */
  moveToSegment: () => Promise<void>
  /** Bytes of the events that are in no segment. */
  pendingBytes: () => number
}

export function createWriter(context: WriterContext, begun: Begun): RecordingWriter {
  const { recordings, artifacts, timing, now, log } = context
  const { id, writer, key, maxBytes, pending } = begun
  let { checkpoint } = begun
  let pendingBytes = pending.reduce((sum, each) => sum + each.length, 0)

  /** Repeats a step until the store has answered it, or the time is over. */
  const store = async <T extends string>(step: () => Promise<T>): Promise<T> => {
    const until = performance.now() + timing.recordingTimeoutMs
    const leftMs = () => Math.max(0, until - performance.now())
    const answer = await retry(
      () => withTimeout(leftMs(), step()),
      (error) => {
        log.warn({ run: id, error: errorMessage(error) }, 'a recording could not be stored')
        return leftMs() === 0 ? undefined : Math.min(timing.recordingRetryMs, leftMs())
      },
    ).catch(() => undefined)
    if (answer === undefined) throw new RecordingError('away')
    return answer
  }
  const check = (answer: 'stored' | 'taken' | 'differs') => {
    if (answer !== 'stored') throw new RecordingError(answer === 'taken' ? 'taken' : 'changed')
  }
  return {
    async append(events) {
      const { next, sealed } = sealEvents(id, key, checkpoint, events)
      if (next.size > maxBytes) throw new RecordingError('limit')
      check(await store(() => recordings.appendEvents(id, { writer, events: sealed, checkpoint: next })))
      const added = next.size - checkpoint.size
      context.metrics.recorded(added)
      checkpoint = next
      pending.push(...sealed)
      pendingBytes += added
    },
    async moveToSegment() {
      const { artifact, bytes, next } = toSegment(id, checkpoint, pending, now().toISOString())
      const answer = await store(() => artifacts.put(artifact, bytes))
      if (answer === 'full') throw new RecordingError('full')
      check(await store(() => recordings.dropEvents(id, { writer, count: pending.length, checkpoint: next })))
      checkpoint = next
      pending.splice(0)
      pendingBytes = 0
    },
    pendingBytes: () => pendingBytes,
  }
}

/** Encrypts events, and returns the checkpoint after them. */
function sealEvents(id: string, key: KeyObject, before: RecordingCheckpoint, events: readonly RecordedEvent[]) {
  const next = { ...before }
  const sealed = events.map((event) => {
    const bytes = sealEvent(key, { id, number: next.events }, encodeEvent(event))
    next.events += 1
    next.size += bytes.length
    next.hash = nextHash(next.hash, bytes)
    if (event.code === 'o') next.upTo = event.from + event.data.length
    return bytes
  })
  return { next, sealed }
}
