import type { Pause } from '#core/runs/pause'
import type { Timing } from '#core/util/default-timings'
import { currentPause } from '#src/lifecycle/current-pause'
import type { Check } from './health.ts'
import type { Infrastructure } from './infrastructure.ts'
import type { Metrics } from './metrics.ts'
import type { PolicyFile } from './policy-file.ts'
import { repeat } from './repeat.ts'

type PauseParts = Pick<Infrastructure, 'store'> & { rulebook: Pick<PolicyFile, 'rules'> }

const readPause = ({ store, rulebook }: PauseParts): Promise<Pause | undefined> =>
  currentPause({ store, rules: rulebook.rules })

/** Returns the readiness check that says so while runs are paused: a paused program is ready. */
export function pauseCheck(parts: PauseParts): Check {
  return {
    name: 'runs',
    async check() {
      const pause = await readPause(parts)
      if (pause === undefined) return true
      const since = pause.at === undefined ? '' : ` since ${pause.at}`
      return `PAUSED${since} by ${pause.by}: ${pause.reason}`
    },
  }
}

/** Keeps the metric of pauses current; returns the function that stops that. */
export function watchPause(
  parts: PauseParts & { metrics: Pick<Metrics, 'paused'>; timing: Pick<Timing, 'pauseIntervalMs'> },
): () => Promise<void> {
  const read = () =>
    void readPause(parts).then(
      (pause) => parts.metrics.paused(pause !== undefined),
      () => undefined,
    )
  const stop = repeat(read, parts.timing.pauseIntervalMs)
  return async () => stop()
}
