import type { Stage } from '#core/request/request'
import type { Target } from '#core/request/target'
import { formatPipeline } from '#core/util/quote'

/**
 * A way out of what a hardened namespace forbids: it takes no tool with capabilities (kubernetes#117130), but the node's
 * side is free. Undefined where it was something else.
 */
export function podSecurityHint(
  target: Target,
  node: string,
  pipeline: readonly Stage[],
  message: string,
): string | undefined {
  if (target.kind !== 'pod' || !message.includes('PodSecurity level')) return undefined
  const command = formatPipeline(pipeline.map((stage) => stage.given))
  return `In such a namespace only tools without capabilities run in a pod. The node's side of it: \`shell ${node} ${command}\``
}
