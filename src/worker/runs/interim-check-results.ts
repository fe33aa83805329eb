import type { Run } from '#core/runs/run'
import { delay } from '#core/util/delay'
import { saveInterimResults } from '#src/lifecycle/fan-out-outcomes'
import type { WorkerContext } from '#src/worker/context'

/** Saver of what checks have found while others of their run still go on. */
export type InterimResults = {
  /** Reads the stored output soon, and once for all calls until then. Logs a failure only: the end of the run shows all results. */
  update: () => void
  /** Resolves when nothing more will be saved. */
  end: () => Promise<void>
}

/** Creates the saver of a run's interim results, so that its triage shows the first failure at once; it saves nothing for other runs. */
export function createInterimResults(context: WorkerContext, run: Run): InterimResults {
  if (run.request.batch === undefined || run.fanOut === undefined)
    return { update: () => undefined, end: async () => undefined }
  const ended = new AbortController()
  let work = Promise.resolve()
  let isWaiting = false
  let nextAt = 0
  let count = 0
  const save = async () => {
    await delay(nextAt - performance.now(), ended.signal)
    isWaiting = false
    if (ended.signal.aborted) return
    count = await saveInterimResults(context, run, count).catch((error: unknown) => {
      context.log.warn(
        { run: run.id, error: String(error) },
        'a triage could not be updated with what was found so far',
      )
      return count
    })
    nextAt = performance.now() + context.timing.interimResultsMs
  }
  return {
    update() {
      if (isWaiting) return
      isWaiting = true
      work = work.then(save)
    },
    async end() {
      ended.abort()
      await work
    },
  }
}
