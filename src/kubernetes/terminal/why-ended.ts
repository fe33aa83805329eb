import type { V1Pod } from '@kubernetes/client-node'
import { TerminalConnectionError } from '#core/ports/terminal'
import { withTimeout } from '#core/util/timeout'
import { isNotFound } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'
import { findPod } from '#src/kubernetes/api/find-pod'
import { containerState } from '#src/kubernetes/workload/container-state'

/** Place of a session's container. */
type Place = { namespace: string; pod: string; container: string }

/** Time limit for each question: a browser waits for the answer. */
const timeoutMs = 5_000

/**
 * Returns the error with what the pod's state says in place of what the exec's end says: that it was deleted or evicted, that the container used too
 * much memory, or that its node doesn't report. Any other error is returned as it is. Never rejects.
 */
export async function explainEnd(connection: Connection, place: Place, error: unknown): Promise<unknown> {
  if (!(error instanceof TerminalConnectionError) || (error.kind !== 'gone' && error.kind !== 'lost')) return error
  const read = async () => {
    const pod = await findPod(connection, { namespace: place.namespace, name: place.pod })
    const why = describeEnd(pod, place.container)
    if (why !== undefined) return new TerminalConnectionError('gone', why, true)
    const node = pod?.spec?.nodeName
    const silent = node === undefined ? undefined : await describeSilence(connection.core, node)
    return silent === undefined ? error : new TerminalConnectionError(error.kind, silent, true)
  }
  return (
    (await withTimeout(
      timeoutMs,
      read().catch(() => error),
    )) ?? error
  )
}

/** Returns why a session's container has ended, from its pod; undefined where it doesn't say. `pod`: undefined where there is none. */
function describeEnd(pod: V1Pod | undefined, container: string): string | undefined {
  if (pod === undefined || pod.metadata?.deletionTimestamp !== undefined) return 'its pod was deleted'
  const { reason, message } = pod.status ?? {}
  if (reason !== undefined)
    return `its pod was ended by its node (${reason}${message === undefined ? '' : `: ${message}`})`
  const state = containerState(pod, container)
  if (state.phase !== 'terminated') return undefined
  if (state.reason === 'OOMKilled')
    return `its container used more memory than it may have, and its node ended it (OOMKilled); "shell.resources" in retina.yaml is the limit`
  return `its container has ended (${state.reason || `exit code ${state.exitCode}`})`
}

async function describeSilence(core: Connection['core'], name: string): Promise<string | undefined> {
  const node = await core.readNode({ name }).catch((problem: unknown) => {
    if (isNotFound(problem)) return undefined
    throw problem
  })
  if (node === undefined) return `its node ${name} is not in the cluster any more`
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
  if (ready === undefined || ready.status === 'True') return undefined
  return `its node ${name} is not ready (${ready.message ?? ready.reason ?? 'its kubelet does not report'})`
}
