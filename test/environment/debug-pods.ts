import { managedBy } from '#core/runs/debug-spec'
import type { TestCluster } from './test-cluster.ts'

type Namespace = Pick<TestCluster, 'core' | 'namespace'>

/** Resolves with the names of a test file's debug pods that exist and aren't being deleted. */
export async function debugPods(cluster: Namespace): Promise<string[]> {
  const pods = await listPods(cluster)
  return pods.filter(({ deleting }) => !deleting).map(({ name }) => name)
}

/** Resolves with the names of a test file's debug pods, those that are being deleted included. */
export async function existingDebugPods(cluster: Namespace): Promise<string[]> {
  return (await listPods(cluster)).map(({ name }) => name)
}

async function listPods({ core, namespace }: Namespace): Promise<{ name: string; deleting: boolean }[]> {
  const labelSelector = `app.kubernetes.io/managed-by=${managedBy}`
  const { items } = await core.listNamespacedPod({ namespace, labelSelector })
  return items.map(({ metadata }) => ({
    name: metadata?.name ?? '',
    deleting: metadata?.deletionTimestamp !== undefined,
  }))
}

/** Deletes all debug pods of a test file: warm ones belong to the program, and so to the Redis, of the test that created them. */
export async function removeDebugPods({ core, namespace }: TestCluster): Promise<void> {
  await core.deleteCollectionNamespacedPod({ namespace, gracePeriodSeconds: 0 })
}
