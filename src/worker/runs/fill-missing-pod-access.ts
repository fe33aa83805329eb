import type { ToolRequest } from '#core/request/request'
import type { TargetFacts } from '#core/request/target'
import type { WorkerContext } from '#src/worker/context'

/**
 * Returns the facts of a request's target. Asks the cluster about a pod whose facts don't say what of its node it opens
 * (a version before wrote them); where that can't be known, it counts as all of its node.
 */
export async function completeFacts(
  { clusters }: Pick<WorkerContext, 'clusters'>,
  { target, facts }: Pick<ToolRequest, 'target' | 'facts'>,
): Promise<TargetFacts> {
  if (target.kind === 'node' || facts.opens !== undefined) return facts
  const found = await clusters.get(target.cluster)?.resolve(target)
  if (found !== undefined && !('problem' in found) && found.uid === facts.uid) return found
  return { ...facts, opens: ['network', 'processes', 'ipc'] }
}
