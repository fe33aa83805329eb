import { openUnderWay } from '#core/under-way'
import { fanOutInterval, lookAfterFanOuts } from './fan-outs.ts'
import type { WorkerHouse } from './house.ts'
import type { Conductor } from './on-run.ts'
import { lookAfterSessions, sessionInterval } from './sessions.ts'
import { openSweep, sweepInterval } from './sweep.ts'
import { lookAfterWaiting, waitingInterval } from './waiting.ts'

/** Milliseconds in which what is under way may end when the program stops. */
const stopPatience = 20_000

/**
 * Begins to do what any worker does for all. Answers the way to stop: it waits for what is under way, for so long at the most, as
 * the claims on that hold up other workers until they are given back or run out.
 */
export function lookAfter(house: WorkerHouse, tellLater: Conductor['tellLater']): () => Promise<void> {
  const { watched, settled } = openUnderWay()
  const often = [
    repeat('what was left behind could not be looked after', sweepInterval, openSweep(house, tellLater)),
    repeat('fan-outs could not be brought up to date', fanOutInterval, () => lookAfterFanOuts(house)),
    repeat('places in line could not be told', waitingInterval, () => lookAfterWaiting(house)),
    repeat('sessions could not be ended', sessionInterval, () => lookAfterSessions(house)),
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
    return settled(stopPatience)
  }
}
