import { isImageOf } from '#core/request/image'
import type { Run } from '#core/runs/run'
import type { WorkerContext } from '#src/worker/context'

type Context = Pick<WorkerContext, 'rules' | 'images' | 'timing' | 'log' | 'store'>

/**
 * Returns a queued run with the image that is configured now. It differs from the one at its request while bots and workers are upgraded
 * one by one. A run keeps the image that its requester named or that people approved; `reauthorizeRun` refuses what is no longer allowed.
 */
export async function useConfiguredImage(context: Context, run: Run): Promise<Run> {
  const { image } = context.rules().defaults
  const isFixed = run.request.image !== undefined || run.approval !== undefined || run.under !== undefined
  if (run.state !== 'queued' || isFixed || isImageOf(run.spec.image, image)) return run
  const pinned = await context.images.pin(image, context.timing.tagCacheMs / 1_000)
  const spec = { ...run.spec, image: 'image' in pinned ? pinned.image : image }
  const changed = await context.store.changeRun(run.id, (now) =>
    now.state === 'queued' ? { ...now, spec } : undefined,
  )
  if (changed === undefined || changed === 'broken') return run
  context.log.info({ run: run.id, before: run.spec.image, image: spec.image }, 'a run gets the configured image')
  return changed
}
