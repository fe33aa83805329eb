import { managedBy } from '#core/runs/debug-spec'
import type { TestCluster } from './test-cluster.ts'

/** Names of a file's debug pods that stand in the cluster at the moment and aren't on their way out. */
export async function debugPods({ core, namespace }: Pick<TestCluster, 'core' | 'namespace'>): Promise<string[]> {
  const labelSelector = `app.kubernetes.io/managed-by=${managedBy}`
  const { items } = await core.listNamespacedPod({ namespace, labelSelector })
  return items
    .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
    .map(({ metadata }) => metadata?.name ?? '')
}

/** Removes all of them: those that stay ready belong to a program, and so to a Redis, of the test that made them. */
export async function removeDebugPods({ core, namespace }: TestCluster): Promise<void> {
  await core.deleteCollectionNamespacedPod({ namespace, gracePeriodSeconds: 0 })
}
