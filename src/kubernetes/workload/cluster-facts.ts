import type { ClusterFacts } from '#core/clusters/platform-restrictions'
import type { Connection } from '#src/kubernetes/api/connection'
import { retryRequest } from '#src/kubernetes/api/retry'

/** Reads the facts by which a cluster's restrictions are recognised. Rejects with the API server's error. */
export async function readClusterFacts({ core, apis }: Connection): Promise<ClusterFacts> {
  const [{ items }, { groups }] = await retryRequest(() => Promise.all([core.listNode(), apis.getAPIVersions()]))
  return toClusterFacts(items, groups)
}

/** Part of a node object from which its facts are taken. */
export type NodeObject = {
  metadata?: { name?: string; labels?: Record<string, string> }
  status?: { nodeInfo?: { osImage?: string } }
}

/** Returns the facts that lists of nodes and API groups contain. */
export function toClusterFacts(nodes: readonly NodeObject[], groups: readonly { name: string }[]): ClusterFacts {
  return {
    apiGroups: groups.map(({ name }) => name),
    nodes: nodes.map(({ metadata, status }) => ({
      name: metadata?.name ?? '',
      labels: metadata?.labels ?? {},
      osImage: status?.nodeInfo?.osImage ?? '',
    })),
  }
}
