import { mayName } from '#core/policy/authorize'
import type { Cluster } from '#core/ports/cluster'
import { ownerText } from '#core/request/owner'
import type { Target, TargetFacts } from '#core/request/target'
import { interfaceFacts } from '#core/triage/facts-of-api-objects'
import { serviceFactsOf } from '#core/triage/service-addresses'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext, Rules } from '#src/bot/context'
import { type Found, selectPodsOfOwner } from '#src/bot/shell/select-targets'
import type { TypedOwner } from '#src/command/parsed-shell-command'
import type { TriageTarget } from './authorize-checks.ts'
import { createObjectReader, lookUpFacts } from './read-objects.ts'

/**
 * Returns a Service as the target of a triage: its checks run in a pod behind it, a ready one first, else on a node that the
 * person may name; where there is neither, only the API server is asked. A text is the refusal. Who may name nothing in the
 * namespace learns nothing of the Service.
 */
export async function findService(
  context: BotContext,
  ctx: CommandContext,
  rules: Rules,
  cluster: Cluster,
  typed: TypedOwner,
): Promise<TriageTarget | string> {
  const { namespace, owner } = typed
  const shownAs = `-n ${namespace} ${ownerText(owner)}`
  const service = await cluster.service(namespace, owner.name)
  const labels = 'problem' in service ? {} : service.selector
  const found = Object.keys(labels).length === 0 ? [] : await selectPodsOfOwner(context, ctx.person, cluster, typed)
  const pods = typeof found === 'string' ? [] : found
  const pod = pods.find(({ problem }) => problem === undefined)
  const object = pods[0] ?? (await podAsSelected(cluster, typed, labels))
  const named = { target: object.target, ...object.facts }
  if (!mayName(ctx.person, rules.policy, named, context.now().toISOString())) return `You have no access to ${shownAs}.`
  if ('problem' in service) return service.message
  const itself = createObjectReader(cluster, ctx, 'itself')
  const objects = await itself({ kind: 'endpoints', namespace, service: owner.name })
  const from = pod ?? (await firstNode(context, ctx, rules, cluster))
  const { target, facts } = from ?? object
  return {
    target,
    facts,
    shownAs,
    known: {
      ...(await lookUpFacts(itself))(facts.node),
      ...interfaceFacts(target.kind),
      ...('objects' in objects ? serviceFactsOf(objects.objects) : {}),
    },
    service: { namespace, name: owner.name, object: { target: object.target, facts: object.facts } },
    ...(from === undefined ? { unreachable: true as const } : {}),
  }
}

/** Returns the pod that the Service would select, whose rights decide where there is none: a grant on the namespace has it. */
async function podAsSelected(
  cluster: Cluster,
  { namespace, owner }: TypedOwner,
  labels: TargetFacts['labels'],
): Promise<Pick<Found, 'target' | 'facts'>> {
  const [any] = await cluster.pods(namespace)
  const namespaceLabels = any?.namespaceLabels ?? {}
  return {
    target: { kind: 'pod', cluster: cluster.name, namespace, name: owner.name },
    facts: { uid: '', node: '', os: 'linux', labels, namespaceLabels },
  }
}

/** Returns the first node, a ready one, that the person may name. */
async function firstNode(
  context: BotContext,
  ctx: CommandContext,
  rules: Rules,
  cluster: Cluster,
): Promise<{ target: Target; facts: TargetFacts } | undefined> {
  const now = context.now().toISOString()
  const nodes = (await cluster.nodes()).filter(({ os, status }) => os === 'linux' && status.split(',')[0] === 'Ready')
  const named = nodes.find(({ name, labels }) =>
    mayName(
      ctx.person,
      rules.policy,
      { target: { kind: 'node', cluster: cluster.name, name }, labels, namespaceLabels: {} },
      now,
    ),
  )
  if (named === undefined) return undefined
  const target: Target = { kind: 'node', cluster: cluster.name, name: named.name }
  const facts = await cluster.resolve(target)
  return 'problem' in facts ? undefined : { target, facts }
}
