import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import type { EndReason } from '#core/runs/run'
import type { ContainerRef } from '#core/sessions/session'
import { describeFailure } from './debuggable-pod.ts'
import { podStatusWord } from './kubectl-status.ts'

/** State of a run's container, from the status of its pod. `never`: it can't start any more. */
export type ContainerState =
  | { phase: 'waiting'; reason: string; message: string }
  | { phase: 'running' }
  | { phase: 'terminated'; exitCode: number; reason: string; message: string }
  | { phase: 'never'; reason: EndReason; message: string }

const imageErrors = new Set(['ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull', 'RegistryUnavailable'])
const startErrors = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'CreatePodSandboxError',
])

/** Reads the state of a container, regular or ephemeral, by its name. */
export function containerState(pod: V1Pod, container: string): ContainerState {
  const all = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.ephemeralContainerStatuses ?? [])]
  const status = all.find((each) => each.name === container)
  const state = status === undefined ? undefined : readState(status)
  if (state !== undefined && state.phase !== 'waiting') return state
  if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') {
    const message = pod.status.message ?? `the pod has ended (${podStatusWord(pod)})${describeFailure(pod)}`
    return { phase: 'never', reason: 'cluster-error', message }
  }
  return state ?? { phase: 'waiting', reason: findSchedulingProblem(pod) ?? 'Pending', message: '' }
}

function readState(status: V1ContainerStatus): ContainerState {
  const { running, terminated, waiting } = status.state ?? {}
  if (running !== undefined) return { phase: 'running' }
  if (terminated !== undefined) {
    const { exitCode, reason = '', message = '' } = terminated
    // The runtime could not start it: no runner in the image, or one for another architecture.
    if (reason === 'StartError' || reason === 'ContainerCannotRun') {
      return { phase: 'never', reason: 'image-unavailable', message: describeNoRunner(status.image, message) }
    }
    return { phase: 'terminated', exitCode, reason, message }
  }
  const { reason = 'Waiting', message = '' } = waiting ?? {}
  if (imageErrors.has(reason)) {
    return {
      phase: 'never',
      reason: 'image-unavailable',
      message: `the image ${status.image} can't be pulled: ${firstLine(message)}`,
    }
  }
  if (startErrors.has(reason)) {
    if (/retina-run/.test(message))
      return { phase: 'never', reason: 'image-unavailable', message: describeNoRunner(status.image, message) }
    if (isUnmaskable(message)) {
      return { phase: 'never', reason: 'cluster-error', message: describeUnmaskable(message) }
    }
    return {
      phase: 'never',
      reason: 'cluster-error',
      message: `the container could not be started: ${firstLine(message)}`,
    }
  }
  return { phase: 'waiting', reason, message }
}

/** Returns true where a folder that has to be hidden in /host can't be mounted over. */
function isUnmaskable(message: string): boolean {
  return message.split('\n').some((line) => {
    const at = line.toLowerCase().indexOf('/host/')
    return at !== -1 && /read-only file system|no such file/i.test(line.slice(at))
  })
}

function describeNoRunner(image: string, message: string): string {
  return `the image ${image} can't be run as a shell image: ${firstLine(message)}`
}

function describeUnmaskable(message: string): string {
  return `a folder to be hidden in /host does not exist on this node: set "shell.masked" in retina.yaml to the folder of its runtime (${firstLine(message)})`
}

/** Says how a container ended whose log doesn't: its node lost output, or something other than the runner ran in it. */
export function describeContainerEnd({
  exitCode,
  reason,
  message,
}: Extract<ContainerState, { phase: 'terminated' }>): string {
  const named = reason === '' ? '' : ` (${reason})`
  const why = message === '' ? '' : `: ${firstLine(message)}`
  return `its container ended with exit code ${exitCode}${named}${why}`
}

function findSchedulingProblem(pod: V1Pod): string | undefined {
  return pod.status?.conditions?.find((each) => each.type === 'PodScheduled' && each.status === 'False')?.message
}

function firstLine(text: string): string {
  return text.split('\n')[0]?.slice(0, 400) ?? ''
}

/** Returns the names by which the API server identifies a container of a pod. */
export function refOf({ metadata }: V1Pod, container: string): ContainerRef {
  return { namespace: metadata?.namespace ?? '', pod: metadata?.name ?? '', uid: metadata?.uid ?? '', container }
}
