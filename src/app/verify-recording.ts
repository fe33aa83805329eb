import { createHash } from 'node:crypto'
import type { AuditLog } from '#core/ports/store'
import { type RecordingSummary, type SessionRecording, summaryOf } from '#core/recording/session-recording'
import { RecordingBrokenError, type RecordingParts, readRecording } from '#src/terminal/recording/read-recording'

/**
 * Verifies a recording: each event by its encryption, all by the chain of hashes, the head by the audit log, and the output by the hash that
 * the shell's container made, where all of it was recorded. Returns what is recorded, or where it isn't what was.
 */
export async function verifyRecording(
  parts: RecordingParts & { audit: Pick<AuditLog, 'read' | 'verify'> },
  recording: SessionRecording,
): Promise<RecordingSummary | { mistake: string }> {
  const output = createHash('sha256')
  let next = recording.from
  try {
    for await (const { code, from, data } of readRecording(parts, recording)) {
      if (code !== 'o') continue
      if (from !== next) return { mistake: `bytes ${next} to ${from} of the output are missing` }
      next += data.length
      output.update(data)
    }
  } catch (error) {
    if (error instanceof RecordingBrokenError) return { mistake: error.message }
    throw error
  }
  const isChained = await parts.audit.verify()
  if ('mistake' in isChained) return { mistake: `the audit log is not intact: ${isChained.mistake}` }
  let head: string | undefined
  for await (const { record } of parts.audit.read())
    if (record.run === recording.id && record.what === 'recorded') head = record.details['hash']
  if (head !== recording.hash) return { mistake: 'the audit log has another hash for it' }
  const whole = recording.sha256 !== undefined && recording.from === 0 && next === recording.total
  if (whole && output.digest('hex') !== recording.sha256)
    return { mistake: 'its output is not what the container of the shell wrote' }
  return summaryOf(recording)
}
