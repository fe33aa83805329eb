import { randomBytes } from 'node:crypto'
import { type RecordingSummary, type SessionRecording, summaryOf } from '#core/recording/session-recording'
import type { Run } from '#core/runs/run'
import { defined } from '#core/util/defined'
import { raiseAlarm } from '#src/lifecycle/report-tampering'
import type { TerminalContext } from './context.ts'
import { toSegment } from './recording/to-segment.ts'

type Context = Pick<TerminalContext, 'recordings' | 'artifacts' | 'store' | 'audit' | 'auditOnce' | 'now' | 'log'>

/**
 * Closes the recording of an ended session: moves the last events to a segment, lists it, and writes its head into the audit log. Returns what
 * is recorded; undefined where nothing is. May be called again.
 */
export async function finishRecording(context: Context, run: Run): Promise<RecordingSummary | undefined> {
  const { id, request, terminal } = run
  if (terminal?.recording !== undefined) return terminal.recording
  const writer = randomBytes(9).toString('base64url')
  let checkpoint = await context.recordings.takeRecording(id, writer)
  if (checkpoint === 'broken') {
    await raiseAlarm(context, id, request.by.id, 'the recording was changed')
    return undefined
  }
  if (checkpoint === undefined || checkpoint.events === 0) return undefined
  const pending = await context.recordings.pendingEvents(id)
  if (pending.length > 0) {
    const { artifact, bytes, next } = toSegment(id, checkpoint, pending, context.now().toISOString())
    // Without room the last events stay in the list, for as long as the recording is stored.
    if ((await context.artifacts.put(artifact, bytes)) === 'stored') {
      const step = { writer, count: pending.length, checkpoint: next }
      if ((await context.recordings.dropEvents(id, step)) === 'stored') checkpoint = next
    }
  }
  const recording: SessionRecording = {
    ...checkpoint,
    id,
    by: { id: request.by.id, name: request.by.name },
    target: request.target,
    labels: request.facts.labels,
    namespaceLabels: request.facts.namespaceLabels,
    set: run.set,
    endedAt: run.end?.at ?? context.now().toISOString(),
    ...defined({ sha256: run.output?.sha256, total: run.output?.bytes }),
  }
  const seconds = (Date.parse(recording.expiresAt) - context.now().getTime()) / 1_000
  if (seconds <= 0) return undefined
  await context.store.setField('recordings', 'all', id, recording, seconds)
  const { events, bytes, hash, expiresAt } = summaryOf(recording)
  await context.auditOnce('recorded', id, request.by.id, {
    ...{ hash, events: String(events), bytes: String(bytes), size: String(recording.size), until: expiresAt },
  })
  return { events, bytes, hash, expiresAt }
}
