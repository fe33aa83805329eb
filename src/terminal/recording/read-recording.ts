import type { ArtifactStore } from '#core/ports/artifacts'
import type { RecordingLog } from '#core/ports/recording-write-ahead-log'
import { decodeEvent, type RecordedEvent } from '#core/recording/recorded-event'
import { segmentName, unpackSegment } from '#core/recording/segment-format'
import type { SessionRecording } from '#core/recording/session-recording'
import { chainStart } from '#core/runs/audit-record'
import { nextHash, openEvent, type RecordingCipher } from './cipher.ts'

/** Where recordings are, and what decrypts them. */
export type RecordingParts = { artifacts: ArtifactStore; recordings: RecordingLog; cipher: RecordingCipher }

/** Error of a recording that isn't what was recorded, or can't be read; its message says where. */
export class RecordingBrokenError extends Error {
  constructor(what: string) {
    super(what)
    this.name = 'RecordingBrokenError'
  }
}

/** Place in a recording: the next segment, and the number of its first event. */
export type RecordingPlace = { segment: number; number: number }

/** Part of a recording, and the place behind it; without one it was the last. */
type RecordingPart = { events: readonly RecordedEvent[]; sealed: readonly Uint8Array[]; next?: RecordingPlace }

/** Reads the part of a recording at a place. Rejects with a `RecordingBrokenError` where it was changed. */
export async function readPart(
  { artifacts, recordings, cipher }: RecordingParts,
  recording: SessionRecording,
  { segment, number }: RecordingPlace,
): Promise<RecordingPart> {
  const { id } = recording
  const key = cipher.openKey(id, recording.key)
  if (key === undefined) throw new RecordingBrokenError('its key is not here, or was changed')
  const isLast = segment >= recording.segments
  const sealed = isLast ? await recordings.pendingEvents(id) : await readSegment(artifacts, id, segment)
  const events = sealed.map((each, at) => {
    const bytes = openEvent(key, { id, number: number + at }, each)
    const event = bytes === undefined ? undefined : decodeEvent(bytes)
    if (event === undefined) throw new RecordingBrokenError(`event ${number + at + 1} was changed`)
    return event
  })
  const next = { segment: segment + 1, number: number + events.length }
  if (isLast && next.number !== recording.events)
    throw new RecordingBrokenError(`it has ${next.number} of ${recording.events} events`)
  return { events, sealed, ...(isLast ? {} : { next }) }
}

async function readSegment(artifacts: ArtifactStore, id: string, segment: number): Promise<readonly Uint8Array[]> {
  const found = await artifacts.get(segmentName(id, segment))
  if (found === undefined) throw new RecordingBrokenError(`segment ${segment + 1} is missing`)
  const events = found === 'broken' ? undefined : unpackSegment(found.bytes)
  if (events === undefined) throw new RecordingBrokenError(`segment ${segment + 1} was changed`)
  return events
}

/** Yields the events of a recording in order, and verifies the chain of hashes; throws a `RecordingBrokenError` where it was changed. */
export async function* readRecording(
  parts: RecordingParts,
  recording: SessionRecording,
): AsyncGenerator<RecordedEvent> {
  let hash = chainStart
  let place: RecordingPlace | undefined = { segment: 0, number: 0 }
  while (place !== undefined) {
    const part: RecordingPart = await readPart(parts, recording, place)
    for (const each of part.sealed) hash = nextHash(hash, each)
    yield* part.events
    place = part.next
  }
  if (hash !== recording.hash) throw new RecordingBrokenError('the hash of its last event is another one')
}
