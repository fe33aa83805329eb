import type { Transcript } from '#core/output/transcript-builder'

/** Finishes a transcript and returns its text, with an incomplete last line as it is. */
export function finishedText(transcript: Transcript): string {
  transcript.finish()
  return transcript.take()
}
