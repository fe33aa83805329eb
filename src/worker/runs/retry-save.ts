import type { Run } from '#core/runs/run'
import { retry } from '#core/util/retry'
import type { WorkerContext } from '#src/worker/context'

/**
 * Retries a save until Redis accepts it: a Redis that is full or starting accepts writes again eventually, and neither
 * output nor an ending is lost.
 */
export function retrySave<T>(
  context: Pick<WorkerContext, 'log' | 'timing'>,
  run: Pick<Run, 'id'>,
  save: () => Promise<T>,
): Promise<T> {
  return retry(save, (error, { attempt }) => {
    if (attempt === 1)
      context.log.warn(
        { run: run.id, error: String(error) },
        'output or a result could not be saved; retrying until it can',
      )
    return context.timing.saveRetryMs
  })
}
