import { managedBy, runLabel } from '#core/debug-spec'
import { isNotFound } from './api-error.ts'
import type { Connection } from './connection.ts'

/** Removes the debug pods of a namespace whose run isn't alive, and resolves with those runs' ids. */
export async function reapPods(
  connection: Connection,
  namespace: string,
  alive: (runId: string) => Promise<boolean>,
): Promise<readonly string[]> {
  const labelSelector = `app.kubernetes.io/managed-by=${managedBy},${runLabel}`
  const { items } = await connection.core.listNamespacedPod({ namespace, labelSelector })
  const removed: string[] = []
  for (const pod of items) {
    const { name = '', uid = '', labels = {}, deletionTimestamp } = pod.metadata ?? {}
    const runId = labels[runLabel] ?? ''
    if (deletionTimestamp !== undefined || (await alive(runId))) continue
    const body = { gracePeriodSeconds: 0, preconditions: { uid } }
    await connection.core.deleteNamespacedPod({ name, namespace, body }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error
    })
    removed.push(runId)
  }
  return removed
}
