import type { DevCluster } from '#deploy/dev-cluster/cluster'

/** Names of debug pods that stand in the cluster at the moment and aren't on their way out. */
export async function debugPods(cluster: DevCluster): Promise<string[]> {
  const label = 'app.kubernetes.io/managed-by=retina-chatops'
  const text = await cluster.kubectl(['get', 'pods', '--all-namespaces', '-l', label, '-o', 'json'])
  const { items } = JSON.parse(text) as { items: { metadata: { name: string; deletionTimestamp?: string } }[] }
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name)
}
