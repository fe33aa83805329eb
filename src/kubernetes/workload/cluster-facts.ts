import type { ClusterFacts } from '#core/clusters/platform-restrictions'
import type { Connection } from '#src/kubernetes/api/connection'
import { retryRequest } from '#src/kubernetes/api/retry'

/** Reads by what a cluster that forbids something is recognised. Rejects with the API server's error. */
export async function readClusterFacts({ core, apis }: Connection): Promise<ClusterFacts> {
  const [{ items }, { groups }] = await retryRequest(() => Promise.all([core.listNode(), apis.getAPIVersions()]))
  return {
    apiGroups: groups.map(({ name }) => name),
    nodes: items.map(({ metadata, status }) => ({
      name: metadata?.name ?? '',
      labels: metadata?.labels ?? {},
      osImage: status?.nodeInfo?.osImage ?? '',
    })),
  }
}
