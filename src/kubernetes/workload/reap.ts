import type { V1Pod } from '@kubernetes/client-node'
import { managedBy, runLabel } from '#core/runs/debug-spec'
import { isNotFound } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'

/** Milliseconds after its end during which a pod of another installation is left to that installation. */
const abandonedAfterMs = 3_600_000

/**
 * Removes the debug pods of a namespace with these labels whose run isn't alive, and resolves with those runs' ids.
 * Removes a pod of another installation only an hour after its end, when that installation must be gone.
 */
export async function reapPods(
  connection: Connection,
  namespace: string,
  labels: Readonly<Record<string, string>>,
  alive: (runId: string) => Promise<boolean>,
): Promise<readonly string[]> {
  const removed: string[] = []
  for (const pod of await listDebugPods(connection, namespace)) {
    const { name = '', uid = '', deletionTimestamp, labels: podLabels = {} } = pod.metadata ?? {}
    const runId = podLabels[runLabel] ?? ''
    const isOurs = Object.entries(labels).every(([label, value]) => podLabels[label] === value)
    if (deletionTimestamp !== undefined || (isOurs ? await alive(runId) : !isLongOver(pod, Date.now()))) continue
    const body = { gracePeriodSeconds: 0, preconditions: { uid } }
    await connection.core.deleteNamespacedPod({ name, namespace, body }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error
    })
    removed.push(runId)
  }
  return removed
}

/** Returns true for a pod whose containers all ended an hour ago or earlier. `now`: milliseconds since 1970. */
export function isLongOver({ status }: V1Pod, now: number): boolean {
  if (status?.phase !== 'Succeeded' && status?.phase !== 'Failed') return false
  const ends = (status.containerStatuses ?? []).map(({ state }) => state?.terminated?.finishedAt?.getTime())
  const last = Math.max(...ends.map((end) => end ?? 0), status.startTime?.getTime() ?? 0)
  return last > 0 && now - last > abandonedAfterMs
}

/** Time in ms that a pod may exist after its deadline: its node ends it, and a sweep removes it. */
const overdueAfterMs = 2 * 60_000

/** Resolves with the number of debug pods in the namespace that exist although their deadline has passed. */
export async function countOverduePods(connection: Connection, namespace: string): Promise<number> {
  const pods = await listDebugPods(connection, namespace)
  return pods.filter((pod) => isOverdue(pod, Date.now())).length
}

/** Lists the debug pods of a namespace, of all installations. */
async function listDebugPods({ core }: Connection, namespace: string): Promise<readonly V1Pod[]> {
  const labelSelector = `app.kubernetes.io/managed-by=${managedBy},${runLabel}`
  return (await core.listNamespacedPod({ namespace, labelSelector })).items
}

/** Returns true for a pod that exists two minutes or more after its deadline. `now`: milliseconds since 1970. */
export function isOverdue({ metadata, spec, status }: V1Pod, now: number): boolean {
  const begin = (status?.startTime ?? metadata?.creationTimestamp)?.getTime()
  if (begin === undefined || spec?.activeDeadlineSeconds === undefined) return false
  return now - begin > spec.activeDeadlineSeconds * 1_000 + overdueAfterMs
}
