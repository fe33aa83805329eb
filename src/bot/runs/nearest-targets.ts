import { distance } from 'fastest-levenshtein'
import type { Principal } from '#core/people/principal'
import { mayName } from '#core/policy/authorize'
import type { Cluster } from '#core/ports/cluster'
import { type NodeInfo, type PodInfo, type Target, targetText } from '#core/request/target'
import type { BotContext } from '#src/bot/context'

/** Returns the nodes of a cluster that the person may name as a target. */
export async function mayNameNodes(
  context: Pick<BotContext, 'rules' | 'now'>,
  person: Principal,
  cluster: Cluster,
): Promise<readonly NodeInfo[]> {
  const { policy } = context.rules()
  const nodes = await cluster.nodes()
  return nodes.filter((node) => {
    const target: Target = { kind: 'node', cluster: cluster.name, name: node.name }
    return mayName(person, policy, { target, labels: node.labels, namespaceLabels: {} }, context.now().toISOString())
  })
}

/** Returns the pods of a namespace that the person may name as a target. */
export async function mayNamePods(
  context: Pick<BotContext, 'rules' | 'now'>,
  person: Principal,
  cluster: Cluster,
  namespace: string,
): Promise<readonly PodInfo[]> {
  const { policy } = context.rules()
  const pods = await cluster.pods(namespace)
  return pods.filter((pod) => {
    const target: Target = { kind: 'pod', cluster: cluster.name, namespace, name: pod.name }
    const labels = { labels: pod.labels, namespaceLabels: pod.namespaceLabels }
    return mayName(person, policy, { target, ...labels }, context.now().toISOString())
  })
}

/** Returns targets with similar names that the person may name: at most two, formatted as they are typed. */
export async function nearestTargets(
  context: Pick<BotContext, 'rules' | 'now'>,
  person: Principal,
  cluster: Cluster,
  target: Target,
): Promise<readonly string[]> {
  const names =
    target.kind === 'node'
      ? (await mayNameNodes(context, person, cluster)).map((node) => node.name)
      : (await mayNamePods(context, person, cluster, target.namespace)).map((pod) => pod.name)
  return names
    .filter((name) => name !== target.name)
    .map((name) => ({ name, far: distance(name, target.name) }))
    .filter(({ name, far }) => far <= Math.max(2, name.length / 3))
    .sort((a, b) => a.far - b.far)
    .slice(0, 2)
    .map(({ name }) => targetText({ ...target, name }))
}
