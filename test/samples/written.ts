import type { Transcript } from '#core/output/transcript-builder'

/** All that a transcript holds, its last line as it stands. */
export function written(transcript: Transcript): string {
  transcript.finish()
  return transcript.take()
}
