import { openUnderWay } from '#core/util/pending-work'
import { lookAfterFanOuts } from './fan-outs.ts'
import type { WorkerHouse } from './house.ts'
import type { Conductor } from './on-run.ts'
import { lookAfterSessions } from './sessions.ts'
import { openSweep } from './sweep.ts'
import { lookAfterWaiting } from './waiting.ts'

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
