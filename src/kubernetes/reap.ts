import { managedBy, runLabel } from '#core/debug-spec'
import { isNotFound } from './api-error.ts'
import type { Connection } from './connection.ts'

/** Removes the debug pods of a namespace with these labels whose run isn't alive, and resolves with those runs' ids. */
export async function reapPods(
  connection: Connection,
  namespace: string,
  labels: Readonly<Record<string, string>>,
  alive: (runId: string) => Promise<boolean>,
): Promise<readonly string[]> {
  const own = Object.entries(labels).map(([name, value]) => `,${name}=${value}`)
  const labelSelector = `app.kubernetes.io/managed-by=${managedBy},${runLabel}${own.join('')}`
  const { items } = await connection.core.listNamespacedPod({ namespace, labelSelector })
  const removed: string[] = []
  for (const pod of items) {
    const { name = '', uid = '', deletionTimestamp } = pod.metadata ?? {}
    const runId = pod.metadata?.labels?.[runLabel] ?? ''
    if (deletionTimestamp !== undefined || (await alive(runId))) continue
    const body = { gracePeriodSeconds: 0, preconditions: { uid } }
    await connection.core.deleteNamespacedPod({ name, namespace, body }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error
    })
    removed.push(runId)
  }
  return removed
}
