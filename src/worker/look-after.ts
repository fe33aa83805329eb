import { lookAfterFanOuts } from './fan-outs.ts'
import type { WorkerHouse } from './house.ts'
import { lookAfterSessions } from './sessions.ts'

/** Milliseconds between two looks. */
const interval = 1_000

/** Begins to do what any worker does for all: brings fan-outs up to date, and ends sessions. Answers the way to stop. */
export function lookAfter(house: WorkerHouse): () => void {
  const failed = (what: string) => (error: unknown) =>
    house.log.warn({ error: String(error) }, `${what}; tried again soon`)
  const timer = setInterval(() => {
    lookAfterFanOuts(house).catch(failed('fan-outs could not be brought up to date'))
    lookAfterSessions(house).catch(failed('sessions could not be ended'))
  }, interval)
  return () => clearInterval(timer)
}
