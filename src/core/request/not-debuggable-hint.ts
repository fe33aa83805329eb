import { formatPipeline } from '#core/util/quote'
import type { Stage } from './request.ts'
import { type Target, type TargetProblem, targetText } from './target.ts'

/** Returns what to type where a pod can't be debugged from inside; undefined for other problems. */
export function notDebuggableHint(
  target: Target,
  { problem, node }: TargetProblem,
  pipeline: readonly Stage[],
): string | undefined {
  if (target.kind !== 'pod') return undefined
  const command = formatPipeline(pipeline.map((stage) => stage.given))
  if (problem === 'container-not-running') {
    const { container, ...pod } = target
    return `Leave out \`-c ${container}\`, then it starts beside its containers, in the same network: \`shell ${targetText(pod)} ${command}\``
  }
  if (problem !== 'not-running') return undefined
  const again = `\`pods -n ${target.namespace}\` shows its state.`
  return node === undefined ? again : `To look from its node: \`shell ${node} ${command}\`. ${again}`
}
