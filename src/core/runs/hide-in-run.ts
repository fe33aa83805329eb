import { hideInPipeline, hideInTyped } from '#core/output/hide-in-command'
import type { Run } from './run.ts'

/**
 * Returns an ended run without the secrets of its command: nobody starts it again, and it is kept for days. Running it again asks for the secret.
 */
export function hideInRun(run: Run): Run {
  const { request, spec } = run
  const given = hideInPipeline(request.pipeline.map((stage) => stage.given))
  const argv = hideInPipeline(request.pipeline.map((stage) => stage.argv))
  const pipeline = request.pipeline.map((stage, at) => ({
    ...stage,
    given: given[at] ?? [],
    argv: argv[at] ?? [],
  }))
  return {
    ...run,
    request: { ...request, typed: hideInTyped(request.typed), pipeline },
    spec: { ...spec, pipeline: hideInPipeline(spec.pipeline) },
  }
}
