import type { V1Pod } from '@kubernetes/client-node'
import { managedBy, runLabel } from '#core/runs/debug-spec'
import { isNotFound } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'

/** Milliseconds after its end in which another installation's pod is left to that one. */
const longOver = 3_600_000

/**
 * Removes the debug pods of a namespace with these labels whose run isn't alive, and resolves with those runs' ids. Those of another
 * installation are its own business, until they have been over for so long that it must be gone.
 */
export async function reapPods(
  connection: Connection,
  namespace: string,
  labels: Readonly<Record<string, string>>,
  alive: (runId: string) => Promise<boolean>,
): Promise<readonly string[]> {
  const labelSelector = `app.kubernetes.io/managed-by=${managedBy},${runLabel}`
  const { items } = await connection.core.listNamespacedPod({ namespace, labelSelector })
  const removed: string[] = []
  for (const pod of items) {
    const { name = '', uid = '', deletionTimestamp, labels: given = {} } = pod.metadata ?? {}
    const runId = given[runLabel] ?? ''
    const isOurs = Object.entries(labels).every(([label, value]) => given[label] === value)
    if (deletionTimestamp !== undefined || (isOurs ? await alive(runId) : !isLongOver(pod, Date.now()))) continue
    const body = { gracePeriodSeconds: 0, preconditions: { uid } }
    await connection.core.deleteNamespacedPod({ name, namespace, body }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error
    })
    removed.push(runId)
  }
  return removed
}

/** True for a pod all of whose containers ended an hour ago or earlier. `now`: milliseconds since 1970. */
export function isLongOver({ status }: V1Pod, now: number): boolean {
  if (status?.phase !== 'Succeeded' && status?.phase !== 'Failed') return false
  const ends = (status.containerStatuses ?? []).map(({ state }) => state?.terminated?.finishedAt?.getTime())
  const last = Math.max(...ends.map((end) => end ?? 0), status.startTime?.getTime() ?? 0)
  return last > 0 && now - last > longOver
}
