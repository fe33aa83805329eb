import type { NewArtifact } from '#core/ports/artifacts'
import { packSegment, segmentName, segmentType } from '#core/recording/segment-format'
import type { RecordingCheckpoint } from '#core/recording/session-recording'
import type { Instant } from '#core/util/instant'

/**
 * Returns the segment of the events that are in none yet, and the checkpoint once it is stored and they are dropped from the list. `pending`:
 * these events, encrypted.
 */
export function toSegment(
  id: string,
  checkpoint: RecordingCheckpoint,
  pending: readonly Uint8Array[],
  createdAt: Instant,
): { artifact: NewArtifact; bytes: Uint8Array; next: RecordingCheckpoint } {
  const { segments, events, expiresAt } = checkpoint
  const name = segmentName(id, segments)
  return {
    artifact: { name, mediaType: segmentType, createdAt, expiresAt, sensitivity: 'sensitive' },
    bytes: packSegment(pending),
    next: { ...checkpoint, sealed: events, segments: segments + 1 },
  }
}
