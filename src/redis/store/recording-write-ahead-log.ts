import type { Redis } from 'ioredis'
import type { RecordingAnswer, RecordingLog } from '#core/ports/recording-write-ahead-log'
import type { Signer } from '#core/ports/signing'
import type { RecordingCheckpoint } from '#core/recording/session-recording'
import { redisScript } from '#src/redis/script'
import type { ReportBroken } from './signed-values.ts'

/**
 * Stores the newest events of recordings in a list, and beside it the signed checkpoint of its writer. Each step is one script, so that a
 * process that was believed dead and the one that took over never both write.
 */
export function redisRecordingLog(
  redis: Redis,
  { signer, prefix = 'retina', report }: { signer: Signer; prefix?: string; report: ReportBroken },
): RecordingLog {
  const take = redisScript(redis, 'take-recording', 1)
  const change = redisScript(redis, 'append-or-trim-recording-events', 2)
  const stateKey = (id: string) => `${prefix}:recording:{${id}}:state`
  const listKey = (id: string) => `${prefix}:recording:{${id}}:events`
  const nameOf = (id: string) => `recording:${id}`
  const write = async (id: string, writer: string, step: Step): Promise<RecordingAnswer> => {
    const { checkpoint, before, count = 0, events = [] } = step
    const after = `${checkpoint.events} ${checkpoint.sealed}`
    const signed = signer.sign(nameOf(id), JSON.stringify(checkpoint))
    const end = Date.parse(checkpoint.expiresAt)
    const argv = [writer, before, after, signed, end, count, ...events.map((each) => Buffer.from(each))]
    return (await change(stateKey(id), listKey(id), ...argv)) as RecordingAnswer
  }
  return {
    async takeRecording(id, writer) {
      const text = (await take(stateKey(id), writer)) as string | null
      if (text === null) return undefined
      const signed = signer.verify(nameOf(id), text)
      if (signed !== undefined) return JSON.parse(signed) as RecordingCheckpoint
      report(stateKey(id), text)
      return 'broken'
    },
    appendEvents: (id, { writer, events, checkpoint }) =>
      write(id, writer, { checkpoint, events, before: `${checkpoint.events - events.length} ${checkpoint.sealed}` }),
    dropEvents: (id, { writer, count, checkpoint }) =>
      write(id, writer, { checkpoint, count, before: `${checkpoint.events} ${checkpoint.sealed - count}` }),
    pendingEvents: (id) => redis.lrangeBuffer(listKey(id), 0, -1),
  }
}

type Step = { checkpoint: RecordingCheckpoint; before: string; count?: number; events?: readonly Uint8Array[] }
