import { fanOutInterval, lookAfterFanOuts } from './fan-outs.ts'
import type { WorkerHouse } from './house.ts'
import type { Conductor } from './on-run.ts'
import { lookAfterSessions, sessionInterval } from './sessions.ts'
import { sweep, sweepInterval } from './sweep.ts'
import { lookAfterWaiting, waitingInterval } from './waiting.ts'

/** Begins to do what any worker does for all. Answers the way to stop. */
export function lookAfter(house: WorkerHouse, tellLater: Conductor['tellLater']): () => void {
  const often = [
    repeat('what was left behind could not be looked after', sweepInterval, () => sweep(house, tellLater)),
    repeat('fan-outs could not be brought up to date', fanOutInterval, () => lookAfterFanOuts(house)),
    repeat('places in line could not be told', waitingInterval, () => lookAfterWaiting(house)),
    repeat('sessions could not be ended', sessionInterval, () => lookAfterSessions(house)),
  ]
  function repeat(failed: string, interval: number, work: () => Promise<void>) {
    const once = () => {
      work().catch((error: unknown) => house.log.warn({ error: String(error) }, `${failed}; tried again soon`))
    }
    once()
    return setInterval(once, interval)
  }
  return () => {
    for (const timer of often) clearInterval(timer)
  }
}
