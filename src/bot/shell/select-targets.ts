import { restrictionOfNode } from '#core/clusters/platform-restrictions'
import type { Skipped } from '#core/fan-out/fan-out'
import type { Principal } from '#core/people/principal'
import { mayName } from '#core/policy/authorize'
import type { Cluster } from '#core/ports/cluster'
import { nodeAccessOf } from '#core/request/node-access-through-pod'
import { isPodOf, ownerText } from '#core/request/owner'
import { labelsText, matchesObject } from '#core/request/selector'
import { type NodeInfo, type PodInfo, type Target, type TargetFacts, targetText } from '#core/request/target'
import { defined } from '#core/util/defined'
import type { BotContext } from '#src/bot/context'
import type { FanOutCommand, TypedOwner } from '#src/command/parsed-shell-command'
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
  const { from } = command
  const all = from.kind === 'node' ? await nodesOf(cluster, pipeline) : await podsOf(cluster, from)
  if (typeof all === 'string') return { matched: [], skipped: [{ why: all, targets: [whereText(command)] }] }
  const named = all.filter(
    ({ target, facts }) =>
      matchesObject({ labels: command.labels }, target.name, facts.labels) &&
      mayName(person, policy, { target, ...facts }, now),
  )
  const skipped = groupSkipped(named)
  return { matched: named.filter(({ problem }) => problem === undefined), skipped }
}

/** Returns what a fan-out is on, as text. */
export function whereText({ from, labels }: Pick<FanOutCommand, 'from' | 'labels'>): string {
  if (from.kind === 'pod' && from.owner !== undefined) return `pods of ${ownerText(from.owner)} in ${from.namespace}`
  const what = from.kind === 'node' ? 'nodes' : `pods of ${from.namespace}`
  return `${what} with ${labelsText(labels)}`
}

/** Object that a selector matched. `problem`: why nothing can be run there; `ready`: of a pod, whether all its containers are. */
export type Found = Matched & { problem?: string; ready?: boolean }

/**
 * Returns the pods of an owner that the person may name, those that are ready and can be used in front; no others are
 * revealed. A text says why the owner's pods can't be looked up.
 */
export async function selectPodsOfOwner(
  context: Pick<BotContext, 'rules' | 'now'>,
  person: Principal,
  cluster: Cluster,
  { namespace, owner, container }: TypedOwner,
): Promise<readonly Found[] | string> {
  const { policy } = context.rules()
  const now = context.now().toISOString()
  const inside = defined({ container })
  const found = await podsOf(cluster, { kind: 'pod', namespace, owner, ...inside })
  if (typeof found === 'string') return found
  const rank = ({ problem, ready }: Found) => (problem === undefined ? 0 : 2) + (ready === true ? 0 : 1)
  return found
    .filter(({ target, facts }) => mayName(person, policy, { target, ...facts }, now))
    .toSorted((one, other) => rank(one) - rank(other) || (one.target.name < other.target.name ? -1 : 1))
}

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
      ...defined({ problem }),
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

/** Returns the pods of a namespace, or of an owner in it; a text says why it can't be known which they are. */
async function podsOf(cluster: Cluster, { namespace, container, owner }: Pods): Promise<Found[] | string> {
  const isService = owner?.kind === 'Service'
  const service = isService ? await cluster.service(namespace, owner.name) : { selector: {} }
  if ('problem' in service) return service.message
  const { selector } = service
  if (isService && Object.keys(selector).length === 0)
    return `The service ${owner.name} selects no pods by labels. Name a pod, or -l with their labels.`
  const [all, nodes] = await Promise.all([cluster.pods(namespace), cluster.nodes()])
  const pods = owner === undefined ? all : all.filter((pod) => isPodOf(pod, owner, selector))
  const windows = new Set(nodes.filter(({ os }) => os === 'windows').map(({ name }) => name))
  const inside = defined({ container })
  const nodeLabels = new Map(nodes.map(({ name, labels }) => [name, labels]))
  const factsOf = ({ uid, node, labels, namespaceLabels, access }: PodInfo): TargetFacts => {
    const opens = access === undefined ? [] : nodeAccessOf(access, container)
    const ofNode = opens.length === 0 ? {} : { nodeLabels: nodeLabels.get(node) ?? {} }
    return { uid, node, os: 'linux', labels, namespaceLabels, opens, ...ofNode }
  }
  return pods.map((pod) => ({
    target: { kind: 'pod', cluster: cluster.name, namespace, name: pod.name, ...inside },
    facts: factsOf(pod),
    ready: pod.ready === true,
    ...(windows.has(pod.node) ? { problem: 'it runs on a Windows node, and the tools are Linux programs' } : {}),
    ...defined({ problem: pod.problem }),
  }))
}
