import { openUnderWay } from '#core/util/pending-work'
import type { WorkerHouse } from '#src/worker/context'
import { lookAfterFanOuts } from '#src/worker/fan-out/fan-out-job'
import type { Conductor } from '#src/worker/runs/execute-run'
import { lookAfterSessions } from '#src/worker/sessions/session-jobs'
import { lookAfterWaiting } from './queue-positions.ts'
import { openSweep } from './sweep.ts'

/**
 * Begins to do what any worker does for all. Answers the way to stop: nothing more is begun, and it resolves when what is
 * in progress has ended: its claims hold up other workers until they are given back or run out.
 */
export function lookAfter(house: WorkerHouse, tellLater: Conductor['tellLater']): () => Promise<void> {
  const { watched, settled } = openUnderWay()
  const { timing } = house
  const often = [
    repeat('what was left behind could not be looked after', timing.sweepIntervalMs, openSweep(house, tellLater)),
    repeat('fan-outs could not be brought up to date', timing.fanOutIntervalMs, () => lookAfterFanOuts(house)),
    repeat('places in line could not be told', timing.waitingIntervalMs, () => lookAfterWaiting(house)),
    repeat('sessions could not be ended', timing.sessionIntervalMs, () => lookAfterSessions(house)),
  ]
  function repeat(failed: string, interval: number, work: () => Promise<void>) {
    const each = watched(work)
    const once = () => {
      each().catch((error: unknown) => house.log.warn({ error: String(error) }, `${failed}; tried again soon`))
    }
    once()
    return setInterval(once, interval)
  }
  return () => {
    for (const timer of often) clearInterval(timer)
    return settled()
  }
}
