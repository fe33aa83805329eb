import type { Stage } from '#core/request/request'
import type { Target } from '#core/request/target'
import { formatPipeline } from '#core/util/quote'

/**
 * Suggests to run the command on the pod's node, where the namespace's PodSecurity level refused it: such a namespace
 * admits no ephemeral container with capabilities (kubernetes#117130). Returns undefined for other errors.
 */
export function podSecurityHint(
  target: Target,
  node: string,
  pipeline: readonly Stage[],
  message: string,
): string | undefined {
  if (target.kind !== 'pod' || !message.includes('PodSecurity level')) return undefined
  const command = formatPipeline(pipeline.map((stage) => stage.given))
  return `In such a namespace, only tools without capabilities can run in a pod. To look from the node: \`shell ${node} ${command}\``
}
