import type { Skipped } from '#core/fan-out/fan-out'
import type { Message } from '#core/messages/message'
import { mayName } from '#core/policy/authorize'
import type { Cluster } from '#core/ports/cluster'
import { ownerText } from '#core/request/owner'
import { type Target, targetText } from '#core/request/target'
import type { TargetResults } from '#core/triage/check-result'
import { type Destination, interfaceFacts, serviceOf } from '#core/triage/facts-of-api-objects'
import { defined } from '#core/util/defined'
import { memoize } from '#core/util/memoize'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext, Rules } from '#src/bot/context'
import { clusterOf } from '#src/bot/runs/plan-to-request'
import { tooMany } from '#src/bot/shell/fan-out-preview'
import { choiceText, noPodOf } from '#src/bot/shell/pod-of-owner'
import { selectPodsOfOwner, selectTargets, whereText } from '#src/bot/shell/select-targets'
import type { FanOutCommand } from '#src/command/parsed-shell-command'
import type { CommandOf } from '#src/command/words/all-words'
import type { TriageTarget } from './authorize-checks.ts'
import type { TriageKind } from './choose-playbooks.ts'
import { findService } from './find-service.ts'
import { createObjectReader, lookUpFacts, lookUpPod, type ObjectReader } from './read-objects.ts'

/** Targets of a triage, and what is known of them before anything runs. */
export type TriageTargets = {
  where: string
  cluster: Cluster
  /** Kind of the targets. */
  of: TriageKind
  targets: readonly TriageTarget[]
  skipped: readonly Skipped[]
  known: readonly TargetResults[]
}

/** Returns the targets of a triage that the person may name, or the refusal. */
export async function findTriageTargets(
  context: BotContext,
  ctx: CommandContext,
  rules: Rules,
  { on, to }: { on: Exclude<CommandOf<'triage'>['on'], 'again'>; to?: Destination },
): Promise<TriageTargets | Message> {
  const found = await findTargets(context, ctx, rules, on)
  if ('kind' in found || to === undefined) return found
  // One look at a Service for all targets; this reply alone uses it.
  const lookUp = memoize(
    (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const owner = { kind: 'Service', name } as const
      return findService(context, ctx, rules, found.cluster, { kind: 'owner', namespace, owner })
    },
    () => 0,
    Number.POSITIVE_INFINITY,
  )
  return { ...found, targets: await Promise.all(found.targets.map((each) => withDestination(each, to, lookUp))) }
}

/**
 * Adds to a target what it has to reach; the facts about a Service only where the person may name what is behind it.
 * `lookUp`: looks a Service up by `NAMESPACE/NAME`.
 */
async function withDestination(
  target: TriageTarget,
  to: Destination,
  lookUp: (service: string) => ReturnType<typeof findService>,
): Promise<TriageTarget> {
  if (target.ofPod === true) return target
  const known = { ...target.known, toHost: [to.host], toPort: [String(to.port)] }
  const named = serviceOf(to.host, target.target.kind === 'pod' ? target.target.namespace : 'default')
  if (named === undefined || target.service !== undefined) return { ...target, known }
  const service = await lookUp(`${named.namespace}/${named.service}`)
  if (typeof service === 'string') return { ...target, known }
  const { serviceIp = [], endpoints } = service.known
  const asked = serviceIp.filter((address) => address.endsWith(`:${to.port}`))
  return {
    ...target,
    known: { ...known, ...(asked.length === 0 ? {} : { serviceIp: asked }), ...defined({ endpoints }) },
    ...defined({ service: service.service }),
  }
}

async function findTargets(
  context: BotContext,
  ctx: CommandContext,
  rules: Rules,
  on: Exclude<CommandOf<'triage'>['on'], 'again'>,
): Promise<TriageTargets | Message> {
  const { text: typed } = ctx.typed
  const refuse = (message: string): Message => ({ kind: 'refused', message, typed })
  const named = clusterOf(context, rules, 'target' in on ? on.target.cluster : on.from.cluster)
  if (!('cluster' in named)) return refuse(named.message)
  const { cluster } = named
  if (!('target' in on)) return findSelected(context, ctx, rules, cluster, on)
  const { target } = on
  if (target.kind !== 'owner') return findOne(context, ctx, rules, cluster, { ...target, cluster: cluster.name })
  if (target.owner.kind === 'Service') {
    const service = await findService(context, ctx, rules, cluster, target)
    if (typeof service === 'string') return refuse(service)
    return { where: service.shownAs, cluster, of: 'service', targets: [service], skipped: [], known: [] }
  }
  const pods = await selectPodsOfOwner(context, ctx.person, cluster, target)
  const [chosen] = typeof pods === 'string' ? [] : pods
  if (typeof pods === 'string' || chosen === undefined)
    return noPodOf(typed, target, typeof pods === 'string' ? pods : undefined)
  const found = await findOne(context, ctx, rules, cluster, chosen.target)
  if ('kind' in found) return found
  return { ...found, where: `${found.where}, ${choiceText(pods)} of ${ownerText(target.owner)}` }
}

/** Returns one node, or one pod with its node. */
async function findOne(
  context: BotContext,
  ctx: CommandContext,
  rules: Rules,
  cluster: Cluster,
  target: Target,
): Promise<TriageTargets | Message> {
  const { text: typed } = ctx.typed
  const facts = await cluster.resolve(target)
  const labels = 'problem' in facts ? { labels: {}, namespaceLabels: {} } : facts
  // Who may not name the target learns nothing of it, not even whether it exists.
  if (!mayName(ctx.person, rules.policy, { target, ...labels }, context.now().toISOString()))
    return { kind: 'refused', message: `You have no access to ${targetText(target)}.`, typed }
  const on = facts.node
  const node =
    target.kind === 'pod' && on !== undefined ? await nodeOfPod(context, ctx, rules, cluster, target, on) : undefined
  // A pod in which nothing can be started, because it crashes for instance, still has its node.
  if ('problem' in facts && node === undefined) return { kind: 'refused', message: facts.message, typed }
  const shownAs = targetText(target)
  const own = 'problem' in facts ? [] : [{ target, facts, shownAs }]
  const skipped = 'problem' in facts ? [{ why: facts.message.replace(/\.$/, ''), targets: [shownAs] }] : []
  const all = [...own, ...(node === undefined ? [] : [node])]
  const targets = await withFacts(createObjectReader(cluster, ctx, 'itself'), all)
  return { where: shownAs, cluster, of: target.kind, targets, skipped, known: [] }
}

/** Returns all targets that a selector matches, or that an owner has. */
async function findSelected(
  context: BotContext,
  ctx: CommandContext,
  rules: Rules,
  cluster: Cluster,
  on: Pick<FanOutCommand, 'from' | 'labels' | 'targets'>,
): Promise<TriageTargets | Message> {
  const { text: typed } = ctx.typed
  const { matched, skipped } = await selectTargets(context, ctx.person, cluster, on, [])
  const where = whereText(on)
  if (matched.length === 0) {
    const rest = skipped.map(({ why, targets }) => ` ${targets.length} more: ${why}.`).join('')
    return { kind: 'refused', message: `There are no ${where} that you have access to.${rest}`, typed }
  }
  const countProblem = tooMany(typed, rules.fanOut, where, matched.length, on.targets)
  if (countProblem !== undefined) return countProblem
  const targets = await withFacts(
    createObjectReader(cluster, ctx, 'itself'),
    matched.map(({ target, facts }) => ({ target, facts, shownAs: targetText(target) })),
  )
  return { where, cluster, of: on.from.kind, targets, skipped, known: [] }
}

/** Adds to targets what is known about them; the node of a pod knows of the pod too. */
async function withFacts(read: ObjectReader, targets: readonly Omit<TriageTarget, 'known'>[]): Promise<TriageTarget[]> {
  const ofNode = await lookUpFacts(read)
  const pods = await Promise.all(targets.map(({ target }) => lookUpPod(read, target)))
  const ofPods = new Map(targets.map(({ shownAs }, at) => [shownAs, pods[at] ?? {}] as const).toReversed())
  return targets.map((each) => ({
    ...each,
    known: { ...ofNode(each.facts.node), ...interfaceFacts(each.target.kind), ...ofPods.get(each.shownAs) },
  }))
}

/** Returns the node of a pod, whose checks stand in the same summary; undefined where the person may not name it. */
async function nodeOfPod(
  context: BotContext,
  ctx: CommandContext,
  rules: Rules,
  cluster: Cluster,
  pod: Target,
  name: string,
): Promise<Omit<TriageTarget, 'known'> | undefined> {
  const target: Target = { kind: 'node', cluster: cluster.name, name }
  const facts = await cluster.resolve(target)
  if ('problem' in facts) return undefined
  const isNamed = mayName(ctx.person, rules.policy, { target, ...facts }, context.now().toISOString())
  return isNamed ? { target, facts, shownAs: targetText(pod), ofPod: true } : undefined
}
