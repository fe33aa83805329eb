import { managedBy } from '#core/runs/debug-spec'
import type { TestCluster } from './test-cluster.ts'

/** Resolves with the names of a test file's debug pods that exist and aren't being deleted. */
export async function debugPods({ core, namespace }: Pick<TestCluster, 'core' | 'namespace'>): Promise<string[]> {
  const labelSelector = `app.kubernetes.io/managed-by=${managedBy}`
  const { items } = await core.listNamespacedPod({ namespace, labelSelector })
  return items
    .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
    .map(({ metadata }) => metadata?.name ?? '')
}

/** Deletes all debug pods of a test file: warm ones belong to the program, and so to the Redis, of the test that created them. */
export async function removeDebugPods({ core, namespace }: TestCluster): Promise<void> {
  await core.deleteCollectionNamespacedPod({ namespace, gracePeriodSeconds: 0 })
}
