import type { Instant } from '#core/util/instant'

/** A pause of all runs. `at` is absent where `retina.yaml` orders it. */
export type Pause = { by: string; reason: string; at?: Instant }

/** Name under which runs are canceled that a pause ends: see `CancelBus`. */
export const pauseCanceler = 'a pause'

/** Returns why nothing is run, as a sentence without its full stop. */
export function pauseText({ by, reason }: Pause): string {
  return `all runs are paused by ${by}: ${reason}`
}
