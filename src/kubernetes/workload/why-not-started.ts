import type { V1Pod } from '@kubernetes/client-node'
import { delay } from '#core/util/delay'
import type { Connection } from '#src/kubernetes/api/connection'
import { containerState } from './container-state.ts'

/** Returns why a container hasn't started yet, from its own status, the pod's events and the node's condition. */
export async function whyNotStarted(connection: Connection, pod: V1Pod, container: string): Promise<string> {
  const state = containerState(pod, container)
  const waiting = state.phase === 'waiting' ? state.reason : state.phase
  const event = await readNewestWarning(connection, pod).catch(() => undefined)
  const node = await readNodeProblem(connection, pod.spec?.nodeName).catch(() => undefined)
  return [node, event ?? `the container is still ${waiting}`].filter((part) => part !== undefined).join('; ')
}

/** Returns the newest warning event of a pod: reason and message. */
export async function readNewestWarning(connection: Connection, pod: V1Pod): Promise<string | undefined> {
  const { namespace = '', uid = '' } = pod.metadata ?? {}
  const fieldSelector = `involvedObject.uid=${uid},type=Warning`
  const { items } = await connection.core.listNamespacedEvent({ namespace, fieldSelector })
  const newest = items.toSorted((a, b) => timeOf(b) - timeOf(a))[0]
  return newest === undefined ? undefined : `${newest.reason}: ${newest.message}`
}

function timeOf(event: { lastTimestamp?: Date; eventTime?: Date }): number {
  return new Date(event.lastTimestamp ?? event.eventTime ?? 0).getTime()
}

/** Milliseconds after which the node is asked for where a container hasn't started: long after most have. */
const silentAfterMs = 5_000

/**
 * Returns a signal that aborts after a few seconds if the node's kubelet has stopped reporting, so that nothing will be started
 * there. A node that reports that it isn't ready may still start pods in its own network. `until` ends the wait.
 */
export function whenNodeIsSilent(connection: Connection, name: string, until: AbortSignal): AbortSignal {
  const silent = new AbortController()
  const look = async () => {
    await delay(silentAfterMs, until)
    if (!until.aborted && (await readReady(connection, name))?.status === 'Unknown') silent.abort()
  }
  // An unanswered question changes nothing: the start has its own timeout.
  look().catch(() => undefined)
  return silent.signal
}

async function readReady(connection: Connection, name: string) {
  const node = await connection.core.readNode({ name })
  return node.status?.conditions?.find((each) => each.type === 'Ready')
}

async function readNodeProblem(connection: Connection, name: string | undefined): Promise<string | undefined> {
  if (name === undefined) return undefined
  const ready = await readReady(connection, name)
  return ready?.status === 'True'
    ? undefined
    : `${name} is not ready (${ready?.message ?? 'its kubelet does not report'})`
}
