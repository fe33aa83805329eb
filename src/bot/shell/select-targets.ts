import { restrictionOfNode } from '#core/clusters/platform-restrictions'
import type { Skipped } from '#core/fan-out/fan-out'
import type { Principal } from '#core/people/principal'
import { mayName } from '#core/policy/authorize'
import type { Cluster } from '#core/ports/cluster'
import { nodeAccessOf } from '#core/request/node-access-through-pod'
import { matchesObject } from '#core/request/selector'
import { type NodeInfo, type PodInfo, type Target, type TargetFacts, targetText } from '#core/request/target'
import type { BotContext } from '#src/bot/context'
import type { FanOutCommand } from '#src/command/command'
import type { Plan } from '#src/command/plan'

/** A target that a selector matched, with the cluster's facts about it. */
export type Matched = { target: Target; facts: TargetFacts }

/** Returns the targets that a selector matches among those that the person may name; no others are revealed. */
export async function selectTargets(
  context: Pick<BotContext, 'rules' | 'now'>,
  person: Principal,
  cluster: Cluster,
  command: Pick<FanOutCommand, 'from' | 'labels'>,
  pipeline: Plan['pipeline'],
): Promise<{ matched: readonly Matched[]; skipped: readonly Skipped[] }> {
  const { policy } = context.rules()
  const now = context.now().toISOString()
  const all = command.from.kind === 'node' ? await nodesOf(cluster, pipeline) : await podsOf(cluster, command.from)
  const named = all.filter(
    ({ target, facts }) =>
      matchesObject({ labels: command.labels }, target.name, facts.labels) &&
      mayName(person, policy, { target, ...facts }, now),
  )
  const skipped = groupSkipped(named)
  return { matched: named.filter(({ problem }) => problem === undefined), skipped }
}

type Found = Matched & { problem?: string }

function groupSkipped(found: readonly Found[]): Skipped[] {
  const problems = Map.groupBy(found, ({ problem }) => problem)
  return [...problems].flatMap(([why, all]) =>
    why === undefined ? [] : [{ why, targets: all.map(({ target }) => targetText(target)) }],
  )
}

async function nodesOf(cluster: Cluster, pipeline: Plan['pipeline']): Promise<Found[]> {
  const argvs = pipeline.map(({ argv }) => argv)
  return (await cluster.nodes()).map((node) => {
    const { name, uid, labels } = node
    const problem = nodeProblem(node, argvs)
    return {
      target: { kind: 'node', cluster: cluster.name, name },
      facts: { uid, node: name, os: 'linux', labels, namespaceLabels: {} },
      ...(problem === undefined ? {} : { problem }),
    }
  })
}

function nodeProblem({ name, os, labels, osImage = '' }: NodeInfo, argvs: readonly Argv[]): string | undefined {
  if (os === 'windows') return 'it runs Windows, and the tools are Linux programs'
  const restriction = restrictionOfNode({ name, labels, osImage }, argvs)
  return restriction === undefined ? undefined : `it is a node of ${restriction.name}: ${restriction.forbids}`
}

type Argv = readonly string[]

type Pods = Extract<FanOutCommand['from'], { kind: 'pod' }>

async function podsOf(cluster: Cluster, { namespace, container }: Pods): Promise<Found[]> {
  const [pods, nodes] = await Promise.all([cluster.pods(namespace), cluster.nodes()])
  const windows = new Set(nodes.filter(({ os }) => os === 'windows').map(({ name }) => name))
  const inside = container === undefined ? {} : { container }
  const nodeLabels = new Map(nodes.map(({ name, labels }) => [name, labels]))
  const factsOf = ({ uid, node, labels, namespaceLabels, access }: PodInfo): TargetFacts => {
    const opens = access === undefined ? [] : nodeAccessOf(access, container)
    const ofNode = opens.length === 0 ? {} : { nodeLabels: nodeLabels.get(node) ?? {} }
    return { uid, node, os: 'linux', labels, namespaceLabels, opens, ...ofNode }
  }
  return pods.map((pod) => ({
    target: { kind: 'pod', cluster: cluster.name, namespace, name: pod.name, ...inside },
    facts: factsOf(pod),
    ...(windows.has(pod.node) ? { problem: 'it runs on a Windows node, and the tools are Linux programs' } : {}),
    ...(pod.phase === 'Running'
      ? {}
      : { problem: `it is ${pod.phase}; only a running pod can be debugged from inside` }),
  }))
}
