import type {
  V1ContainerState,
  V1ContainerStateTerminated,
  V1ContainerStatus,
  V1Node,
  V1Pod,
} from '@kubernetes/client-node'

/**
 * Returns the word that `kubectl get pods` shows in its column STATUS: `Running`, `CrashLoopBackOff`, `Init:0/2`,
 * `Terminating`. Source: `printPod` of kubernetes' pkg/printers/internalversion.
 */
export function podStatusWord(pod: V1Pod): string {
  const { phase = 'Unknown', reason, conditions = [] } = pod.status ?? {}
  if (pod.metadata?.deletionTimestamp !== undefined) {
    if (reason === 'NodeLost') return 'Unknown'
    if (!hasEnded(pod)) return 'Terminating'
  }
  const isGated = conditions.some((each) => each.type === 'PodScheduled' && each.reason === 'SchedulingGated')
  const init = initWord(pod)
  const isInitialized = conditions.some((each) => each.type === 'Initialized' && each.status === 'True')
  const before = init ?? (isGated ? 'SchedulingGated' : (reason ?? phase))
  return init === undefined || isInitialized ? containersWord(pod, before) : before
}

/** Returns true where a pod has ended: its containers are gone, and none can be started in it. */
export function hasEnded({ status }: V1Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}

/** Returns true for an init container that goes on beside the others (a native sidecar). */
export function isSidecar(pod: V1Pod, name: string): boolean {
  return pod.spec?.initContainers?.some((each) => each.name === name && each.restartPolicy === 'Always') ?? false
}

/** Returns the first init container whose end or start the pod waits for, and its place; undefined where none is left. */
function pendingInit(pod: V1Pod): { status: V1ContainerStatus; at: number } | undefined {
  const all = pod.status?.initContainerStatuses ?? []
  const at = all.findIndex(({ name, state, started }) => {
    if (state?.terminated?.exitCode === 0) return false
    return !(isSidecar(pod, name) && started === true)
  })
  const status = all[at]
  return status === undefined ? undefined : { status, at }
}

function initWord(pod: V1Pod): string | undefined {
  const found = pendingInit(pod)
  if (found === undefined) return undefined
  const { terminated, waiting } = found.status.state ?? {}
  if (terminated !== undefined) return `Init:${terminatedWord(terminated)}`
  const { reason = '' } = waiting ?? {}
  if (reason !== '' && reason !== 'PodInitializing') return `Init:${reason}`
  return `Init:${found.at}/${pod.spec?.initContainers?.length ?? 0}`
}

/** Returns the word of the first container that has one; `before` where none has. */
function containersWord(pod: V1Pod, before: string): string {
  const all = pod.status?.containerStatuses ?? []
  const word = all.map(({ state }) => stateWord(state)).find((each) => each !== undefined) ?? before
  const isRunning = all.some(({ ready, state }) => ready && state?.running !== undefined)
  if (word !== 'Completed' || !isRunning) return word
  const isReady = pod.status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True')
  return isReady === true ? 'Running' : 'NotReady'
}

function stateWord({ waiting, terminated }: V1ContainerState = {}): string | undefined {
  if (waiting?.reason !== undefined && waiting.reason !== '') return waiting.reason
  return terminated === undefined ? undefined : terminatedWord(terminated)
}

function terminatedWord({ reason = '', signal = 0, exitCode }: V1ContainerStateTerminated): string {
  if (reason !== '') return reason
  return signal === 0 ? `ExitCode:${exitCode}` : `Signal:${signal}`
}

/**
 * Returns the words that `kubectl get nodes` shows in its column STATUS: `Ready`, `NotReady,SchedulingDisabled`.
 * Source: `printNode` of kubernetes' pkg/printers/internalversion.
 */
export function nodeStatusWords({ spec, status }: V1Node): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  const word = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return spec?.unschedulable === true ? `${word},SchedulingDisabled` : word
}
