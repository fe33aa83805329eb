import type { V1OwnerReference, V1Pod } from '@kubernetes/client-node'
import { nodeAccessOf } from '#core/request/node-access-through-pod'
import type { Labels, NodeInfo, PodInfo, Target, TargetFacts, TargetProblem } from '#core/request/target'
import { defined } from '#core/util/defined'
import { memoize } from '#core/util/memoize'
import { apiProblem, describeError } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'
import { retryRequest } from '#src/kubernetes/api/retry'
import { namedContainers, whyContainerNotRunning, whyNotDebuggable } from './debuggable-pod.ts'
import { hasEnded, nodeStatusWords, podStatusWord } from './kubectl-status.ts'
import { podAccessOf } from './node-access-of-pod.ts'
import { readNewestWarning } from './why-not-started.ts'

/** Looks up a target in its cluster. Returns its facts, or why it can't be debugged. Never rejects. */
export async function resolveTarget(
  connection: Connection,
  target: Target,
  nodeFacts: NodeFacts,
): Promise<TargetFacts | TargetProblem> {
  try {
    const lookUp = () => (target.kind === 'node' ? nodeFacts(target.name) : readPodFacts(connection, target, nodeFacts))
    return await retryRequest(lookUp)
  } catch (error) {
    return toProblem(error, whatOf(target))
  }
}

const windowsProblem = (what: string) => ({
  problem: 'windows' as const,
  message: `${what} runs Windows. Debug containers share Linux namespaces and the tools are Linux programs, so only Linux nodes and their pods can be debugged.`,
})

/** Milliseconds for which the facts of a node are reused. */
const nodeCacheMs = 60_000

type NodeFacts = (name: string) => Promise<TargetFacts | TargetProblem>

/**
 * Returns a lookup of node facts, at most `nodeCacheMs` old. It rejects for a missing node, and failures aren't cached.
 */
export function nodeFactsOf(connection: Connection): NodeFacts {
  return memoize(
    (name) => readNodeFacts(connection, name),
    () => performance.now(),
    nodeCacheMs,
  )
}

async function readNodeFacts(connection: Connection, name: string): Promise<TargetFacts | TargetProblem> {
  const node = await connection.core.readNode({ name })
  const labels = node.metadata?.labels ?? {}
  const os = labels['kubernetes.io/os'] ?? node.status?.nodeInfo?.operatingSystem
  if (os === 'windows') return windowsProblem(`The node ${name}`)
  const { osImage } = node.status?.nodeInfo ?? {}
  return {
    ...{ uid: node.metadata?.uid ?? '', node: name, os: 'linux', labels, namespaceLabels: {} },
    ...defined({ osImage }),
  }
}

type PodTarget = Extract<Target, { kind: 'pod' }>

async function readPodFacts(
  connection: Connection,
  target: PodTarget,
  nodeFacts: NodeFacts,
): Promise<TargetFacts | TargetProblem> {
  const { namespace, name } = target
  const pod = await connection.core.readNamespacedPod({ namespace, name })
  const namespaceObject = await connection.core.readNamespace({ name: namespace })
  const node = pod.spec?.nodeName ?? ''
  if (pod.spec?.os?.name === 'windows' || (node !== '' && (await runsOnWindows(nodeFacts, node)))) {
    return windowsProblem(`The pod ${name}`)
  }
  const problem = await podProblem(connection, target, pod)
  if (problem !== undefined) return problem
  const opens = nodeAccessOf(podAccessOf(pod.spec), target.container)
  return {
    uid: pod.metadata?.uid ?? '',
    node,
    os: 'linux',
    labels: pod.metadata?.labels ?? {},
    namespaceLabels: namespaceObject.metadata?.labels ?? {},
    opens,
    ...(opens.length === 0 ? {} : { nodeLabels: await labelsOfNode(nodeFacts, node) }),
  }
}

/** Returns why a pod can't be debugged from inside; undefined where it can. */
async function podProblem(
  connection: Connection,
  { name, container }: PodTarget,
  pod: V1Pod,
): Promise<TargetProblem | undefined> {
  const node = pod.spec?.nodeName ?? ''
  const onNode = node === '' ? {} : { node }
  const problem = whyNotDebuggable(pod)
  if (problem !== undefined) {
    const warning = hasEnded(pod) ? undefined : await readNewestWarning(connection, pod).catch(() => undefined)
    const more = warning === undefined || node === '' ? '' : ` (${warning.slice(0, maxWarningChars)})`
    return { problem: 'not-running', message: `The pod ${name} ${problem}${more}.`, ...onNode }
  }
  if (container === undefined) return undefined
  const names = namedContainers(pod)
  if (!names.includes(container)) {
    return { problem: 'missing', message: `The pod ${name} has no container ${container}; it has ${names.join(', ')}.` }
  }
  const why = whyContainerNotRunning(pod, container)
  if (why === undefined) return undefined
  const message = `The processes of the pod ${name} can't be looked into: ${why}.`
  return { problem: 'container-not-running', message, ...onNode }
}

/** Maximum number of characters of an event in a message. */
const maxWarningChars = 300

async function labelsOfNode(nodeFacts: NodeFacts, node: string): Promise<Labels> {
  const facts = await nodeFacts(node)
  return 'problem' in facts ? {} : facts.labels
}

async function runsOnWindows(nodeFacts: NodeFacts, node: string): Promise<boolean> {
  const facts = await nodeFacts(node).catch(() => undefined)
  return facts !== undefined && 'problem' in facts
}

const whatOf = (target: Target) => {
  const what =
    target.kind === 'node' ? `node ${target.name}` : `pod ${target.name} in the namespace ${target.namespace}`
  return `${what} in ${target.cluster}`
}

/** Returns why something can't be looked up; `what` completes "There is no …". */
function toProblem(error: unknown, what: string): TargetProblem {
  const problem = apiProblem(error)
  if (problem === undefined)
    return { problem: 'unreachable', message: `The cluster did not answer: ${describeError(error)}.` }
  if (problem.code === 404) {
    return { problem: 'missing', message: `There is no ${what}.` }
  }
  return { problem: 'forbidden', message: `It can't be looked up: ${describeError(error)}.` }
}

export async function listNodes(connection: Connection): Promise<readonly NodeInfo[]> {
  const { items } = await retryRequest(() => connection.core.listNode())
  return items.map((node) => ({
    uid: node.metadata?.uid ?? '',
    name: node.metadata?.name ?? '',
    status: nodeStatusWords(node),
    os: node.status?.nodeInfo?.operatingSystem ?? '',
    version: node.status?.nodeInfo?.kubeletVersion ?? '',
    labels: node.metadata?.labels ?? {},
    osImage: node.status?.nodeInfo?.osImage ?? '',
  }))
}

export async function listPods(connection: Connection, namespace: string): Promise<readonly PodInfo[]> {
  const namespaceObject = await retryRequest(() => connection.core.readNamespace({ name: namespace })).catch(
    (error: unknown) => {
      if (apiProblem(error)?.code === 404) return undefined
      throw error
    },
  )
  if (namespaceObject === undefined) return []
  const { items } = await retryRequest(() => connection.core.listNamespacedPod({ namespace }))
  return items.map((pod) => ({
    uid: pod.metadata?.uid ?? '',
    namespace,
    namespaceLabels: namespaceObject.metadata?.labels ?? {},
    name: pod.metadata?.name ?? '',
    status: podStatusWord(pod),
    node: pod.spec?.nodeName ?? '',
    labels: pod.metadata?.labels ?? {},
    access: podAccessOf(pod.spec),
    ...problemOf(pod),
    ready: pod.status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ?? false,
    ...controllerOf(pod.metadata?.ownerReferences),
  }))
}

function problemOf(pod: V1Pod): Pick<PodInfo, 'problem'> {
  const problem = whyNotDebuggable(pod)
  return problem === undefined ? {} : { problem: `it ${problem}` }
}

function controllerOf(references: readonly V1OwnerReference[] = []): Pick<PodInfo, 'controller'> {
  const found = references.find(({ controller }) => controller === true)
  return found === undefined ? {} : { controller: { kind: found.kind, name: found.name } }
}

/** Returns the labels by which a service selects its pods, or why it can't be looked up. */
export async function readService(
  connection: Connection,
  namespace: string,
  name: string,
): Promise<{ selector: Labels } | TargetProblem> {
  try {
    const service = await retryRequest(() => connection.core.readNamespacedService({ namespace, name }))
    return { selector: service.spec?.selector ?? {} }
  } catch (error) {
    return toProblem(error, `service ${name} in the namespace ${namespace}`)
  }
}
