import type { DevCluster } from '#deploy/dev-cluster/cluster'

/** Names of debug pods that stand in the cluster at the moment and aren't on their way out. */
export async function debugPods(cluster: DevCluster): Promise<string[]> {
  const label = 'app.kubernetes.io/managed-by=retina-chatops'
  const text = await cluster.kubectl(['get', 'pods', '--all-namespaces', '-l', label, '-o', 'json'])
  const { items } = JSON.parse(text) as { items: { metadata: { name: string; deletionTimestamp?: string } }[] }
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name)
}

/** Removes all of them: those that stay ready belong to a program, and so to a Redis, of the test that made them. */
export async function removeDebugPods(cluster: DevCluster): Promise<void> {
  const label = 'app.kubernetes.io/managed-by=retina-chatops'
  await cluster.kubectl(['delete', 'pods', '-n', 'retina-chatops', '-l', label, '--now', '--wait'])
}
