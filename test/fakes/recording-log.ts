import type { RecordingLog } from '#core/ports/recording-write-ahead-log'
import type { RecordingCheckpoint } from '#core/recording/session-recording'

type Stored = { writer: string; position: string; checkpoint: RecordingCheckpoint; events: Uint8Array[] }

export type FakeRecordingLog = RecordingLog & {
  /** Makes every call fail, as while Redis is away or full. */
  fault?: Error
}

const positionOf = ({ events, sealed }: Pick<RecordingCheckpoint, 'events' | 'sealed'>) => `${events} ${sealed}`

/** Returns a write-ahead list of recordings in memory. */
export function memoryRecordingLog(): FakeRecordingLog {
  const all = new Map<string, Stored>()
  const change = (
    id: string,
    step: { writer: string; before: string; checkpoint: RecordingCheckpoint },
    work: (events: readonly Uint8Array[]) => Uint8Array[],
  ) => {
    if (log.fault !== undefined) throw log.fault
    const { writer, before, checkpoint } = step
    const stored = all.get(id)
    const position = positionOf(checkpoint)
    if (stored !== undefined && stored.writer !== writer) return 'taken'
    if (stored?.position === position) return 'stored'
    if ((stored?.position ?? '0 0') !== before) return 'differs'
    all.set(id, { writer, position, checkpoint, events: work(stored?.events ?? []) })
    return 'stored'
  }
  const log: FakeRecordingLog = {
    async takeRecording(id, writer) {
      if (log.fault !== undefined) throw log.fault
      const stored = all.get(id)
      if (stored !== undefined) stored.writer = writer
      return stored?.checkpoint
    },
    appendEvents: async (id, { writer, events, checkpoint }) => {
      const before = positionOf({ ...checkpoint, events: checkpoint.events - events.length })
      return change(id, { writer, before, checkpoint }, (stored) => [...stored, ...events])
    },
    dropEvents: async (id, { writer, count, checkpoint }) => {
      const before = positionOf({ ...checkpoint, sealed: checkpoint.sealed - count })
      return change(id, { writer, before, checkpoint }, (stored) => stored.slice(count))
    },
    pendingEvents: async (id) => all.get(id)?.events ?? [],
  }
  return log
}
