import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import { hasEnded, isSidecar, podStatusWord } from './kubectl-status.ts'

/**
 * Returns why no container can be started in a pod, as a sentence that goes on after "it": it has ended, is being
 * deleted, is on no node, or has no sandbox. Undefined where one can be, whatever state its own containers are in: an
 * ephemeral container needs the pod's sandbox only, while init containers run, images are missing or containers crash.
 */
export function whyNotDebuggable(pod: V1Pod): string | undefined {
  const { metadata, spec, status } = pod
  const word = podStatusWord(pod)
  if (hasEnded(pod)) return `has ended (${word})${describeFailure(pod)}, so nothing can be started in it`
  if (metadata?.deletionTimestamp !== undefined) return `is being deleted (${word}), so nothing can be started in it`
  if (spec?.nodeName === undefined || spec.nodeName === '') {
    const why = status?.conditions?.find((each) => each.type === 'PodScheduled' && each.status === 'False')?.message
    return `is on no node yet (${word}${why === undefined ? '' : `: ${oneSentence(why)}`}), so nothing can be started in it`
  }
  if (hasSandbox(pod)) return undefined
  return `has no sandbox on ${spec.nodeName} yet (${word}), so nothing can be started in it`
}

/** Returns why the processes of a pod's container can't be looked into, as a part of a sentence; undefined where it runs. */
export function whyContainerNotRunning(pod: V1Pod, name: string): string | undefined {
  const status = statusesOf(pod).find((each) => each.name === name)
  const { running, waiting, terminated } = status?.state ?? {}
  if (running !== undefined) return undefined
  const word = waiting?.reason ?? terminated?.reason ?? 'Waiting'
  const end = status === undefined ? undefined : describeEnd(status)
  return `its container ${name} isn't running (${word}${end === undefined ? '' : `; it ended with ${end}`})`
}

/** Returns the containers of a pod that can be named with -c: its own, and its init containers, sidecars first. */
export function namedContainers({ spec }: V1Pod): string[] {
  const inits = spec?.initContainers ?? []
  const isAlways = ({ restartPolicy }: { restartPolicy?: string }) => restartPolicy === 'Always'
  const all = [...(spec?.containers ?? []), ...inits.filter(isAlways), ...inits.filter((each) => !isAlways(each))]
  return all.map(({ name }) => name)
}

/** Returns true where the pod's sandbox exists, in whose network containers are started. */
function hasSandbox(pod: V1Pod): boolean {
  const condition = pod.status?.conditions?.find(({ type }) => type === 'PodReadyToStartContainers')
  if (condition !== undefined) return condition.status === 'True'
  // A kubelet before Kubernetes 1.29 doesn't report it: its address, or the id of a container, shows it.
  return (pod.status?.podIP ?? '') !== '' || statusesOf(pod).some(({ containerID = '' }) => containerID !== '')
}

function statusesOf({ status }: V1Pod): V1ContainerStatus[] {
  return [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
}

/** Names what failed in a pod that has ended, an init container or a container, after a colon. */
export function describeFailure(pod: V1Pod): string {
  if (pod.status?.phase !== 'Failed') return ''
  const { initContainerStatuses = [], containerStatuses = [], message = '' } = pod.status
  const init = initContainerStatuses.find((each) => hasFailed(each) && !isSidecar(pod, each.name))
  if (init !== undefined) return `: its init container ${init.name} ended with ${describeEnd(init)}`
  const failed = containerStatuses.find(hasFailed)
  if (failed !== undefined) return `: its container ${failed.name} ended with ${describeEnd(failed)}`
  return message === '' ? '' : `: ${oneSentence(message)}`
}

/** Returns true for a container that ended with another exit code than 0. */
export function hasFailed({ state }: V1ContainerStatus): boolean {
  return (state?.terminated?.exitCode ?? 0) !== 0
}

/** Returns how a container ended, or ended last: `exit code 137 (OOMKilled)`. */
export function describeEnd({ state, lastState }: V1ContainerStatus): string | undefined {
  const terminated = state?.terminated ?? lastState?.terminated
  if (terminated === undefined) return undefined
  const { exitCode, reason = '' } = terminated
  return `exit code ${exitCode}${/^(?:Error|Completed|)$/.test(reason) ? '' : ` (${reason})`}`
}

const maxChars = 300

function oneSentence(text: string): string {
  const [line = ''] = text.trim().split('\n')
  return line.slice(0, maxChars).replace(/\.$/, '')
}
