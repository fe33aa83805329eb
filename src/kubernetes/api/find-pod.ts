import type { V1Pod } from '@kubernetes/client-node'
import { isNotFound } from './api-error.ts'
import type { Connection } from './connection.ts'

/** Resolves with a pod, undefined where there is none of that name. Rejects with the API server's other errors. */
export function findPod(
  { core }: Pick<Connection, 'core'>,
  { namespace, name }: { namespace: string; name: string },
): Promise<V1Pod | undefined> {
  return core.readNamespacedPod({ namespace, name }).catch((error: unknown) => {
    if (isNotFound(error)) return undefined
    throw error
  })
}
