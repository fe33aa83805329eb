import type { Run } from '#core/runs/run'
import type { WorkerContext } from '#src/worker/context'

/**
 * Retries a save until Redis accepts it: a Redis that is full or starting accepts writes again eventually, and neither
 * output nor an ending is lost.
 */
export async function retrySave<T>(
  context: Pick<WorkerContext, 'log' | 'timing'>,
  run: Pick<Run, 'id'>,
  save: () => Promise<T>,
): Promise<T> {
  for (let hasLogged = false; ; hasLogged = true) {
    try {
      return await save()
    } catch (error) {
      if (!hasLogged)
        context.log.warn(
          { run: run.id, error: String(error) },
          'output or a result could not be saved; retrying until it can',
        )
      await new Promise((resolve) => setTimeout(resolve, context.timing.saveRetryMs))
    }
  }
}
