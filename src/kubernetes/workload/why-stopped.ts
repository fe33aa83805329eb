import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import { poll, type RetryClock } from '#core/util/retry'
import type { Connection } from '#src/kubernetes/api/connection'
import { findPod } from '#src/kubernetes/api/find-pod'
import { describeEnd, hasFailed } from './debuggable-pod.ts'
import { isSidecar } from './kubectl-status.ts'

/** Why a tool was stopped whose pod doesn't exist any more. */
export const podDeleted = 'its pod was deleted while the tool ran'

/** Pod and container in which a tool was stopped; `target` is the container whose processes it shared. */
type Place = { namespace: string; name: string; uid: string; container: string; target?: string | undefined }

/**
 * Returns what a pod's state says about why a tool in it was stopped: its pod was deleted or has ended, or the container
 * whose processes it shared ended or was restarted. Undefined where it doesn't say.
 */
export function describeStop(
  pod: V1Pod | undefined,
  { uid, container, target }: Omit<Place, 'namespace' | 'name'>,
): string | undefined {
  if (pod === undefined || pod.metadata?.uid !== uid || pod.metadata.deletionTimestamp !== undefined) return podDeleted
  const { phase, reason, containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
  // In a debug pod of its own, the tool's end is the pod's.
  if (containerStatuses.some(({ name }) => name === container))
    return reason === undefined ? undefined : `its pod was ended (${reason})`
  const ended = containerStatuses.map(({ state }) => state?.terminated)
  const failed = ended.find((each) => each !== undefined && each.exitCode !== 0)
  const hasEnded = phase === 'Succeeded' || phase === 'Failed'
  const init = initContainerStatuses.find((each) => hasFailed(each) && !isSidecar(pod, each.name))
  // The kubelet reports the phase only once every container has ended, the tool's too.
  const isEnding =
    (ended.length > 0 && !ended.includes(undefined) && pod.spec?.restartPolicy !== 'Always') ||
    (init !== undefined && pod.spec?.restartPolicy === 'Never')
  if (hasEnded || isEnding) {
    const how = phase === 'Failed' || failed !== undefined ? (reason ?? failed?.reason ?? 'Failed') : 'Completed'
    const named = init === undefined ? how : `its init container ${init.name} failed: ${describeEnd(init)}`
    return `its pod has ended (${named}), and the tool with it`
  }
  const status = [...containerStatuses, ...initContainerStatuses].find(({ name }) => name === target)
  const own = pod.status?.ephemeralContainerStatuses?.find(({ name }) => name === container)?.state
  const since = (own?.terminated ?? own?.running)?.startedAt
  return status === undefined ? undefined : describeContainer(status, since)
}

function describeContainer(
  { name, state, lastState, restartCount }: V1ContainerStatus,
  since: Date | undefined,
): string | undefined {
  const terminated = state?.terminated ?? lastState?.terminated
  if (terminated === undefined) return undefined
  const { finishedAt } = terminated
  // Lines of a watch have times as texts.
  const isOld = since !== undefined && finishedAt !== undefined && new Date(finishedAt) < new Date(since)
  if (isOld) return undefined
  const how = terminated.reason ?? `exit code ${terminated.exitCode}`
  const what = restartCount > 0 && state?.terminated === undefined ? 'was restarted' : 'ended'
  return `its container ${name} ${what} (${how}), and the tool with it`
}

const minAttempts = 6
const delayMs = 500
const maxWaitMs = 15_000

/**
 * Reads why a tool was stopped or killed. Waits for the kubelet to report it: three seconds, and where the tool's
 * container ends with its tool (`endsWithTool`), until the kubelet has reported that end, 15 seconds at most. A report of
 * the tool's container can precede the one of the container whose processes it shared. `otherwise`: returned where the
 * pod's state doesn't say why. Never rejects.
 */
export async function whyStopped(
  connection: Pick<Connection, 'core'>,
  { endsWithTool, otherwise, ...place }: Place & { endsWithTool: boolean; otherwise: string },
  clock?: RetryClock,
): Promise<string> {
  let isReported = false
  const read = async () => {
    const pod = await findPod(connection, place).catch(() => 'unknown' as const)
    if (pod === 'unknown') return undefined
    isReported = pod !== undefined && hasOwnEnded(pod, place.container)
    return describeStop(pod, place)
  }
  const why = await poll(
    read,
    (found, { attempt, elapsedMs }) => {
      if (found !== undefined) return undefined
      const isAwaited = endsWithTool && !isReported && elapsedMs < maxWaitMs
      return attempt < minAttempts || isAwaited ? delayMs : undefined
    },
    clock,
  )
  return why ?? otherwise
}

function hasOwnEnded({ status = {} }: V1Pod, container: string): boolean {
  const { containerStatuses = [], ephemeralContainerStatuses = [] } = status
  const own = [...containerStatuses, ...ephemeralContainerStatuses].find(({ name }) => name === container)
  return own?.state?.terminated !== undefined
}
