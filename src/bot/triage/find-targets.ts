import type { Skipped } from '#core/fan-out/fan-out'
import type { Message } from '#core/messages/message'
import { mayName } from '#core/policy/authorize'
import type { Cluster } from '#core/ports/cluster'
import { labelsText } from '#core/request/selector'
import { type Target, targetText } from '#core/request/target'
import type { TargetResults } from '#core/triage/result'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext, Rules } from '#src/bot/context'
import { tooMany } from '#src/bot/shell/fan-out-preview'
import { selectTargets } from '#src/bot/shell/select-targets'
import type { CommandOf } from '#src/command/words/table'
import type { TriageTarget } from './judge-checks.ts'
import { createObjectReader, lookUpFacts } from './read-objects.ts'

/** Targets of a triage, and what is known of them before anything runs. */
export type TriageTargets = {
  where: string
  cluster: Cluster
  /** Kind of the targets. */
  of: 'node' | 'pod'
  targets: readonly TriageTarget[]
  skipped: readonly Skipped[]
  known: readonly TargetResults[]
}

/** Returns the targets of a triage that the person may name, or the refusal. */
export async function findTriageTargets(
  context: BotContext,
  ctx: CommandContext,
  rules: Rules,
  { on }: { on: Exclude<CommandOf<'triage'>['on'], 'again'> },
): Promise<TriageTargets | Message> {
  const { text: typed } = ctx.typed
  const refuse = (message: string): Message => ({ kind: 'refused', message, typed })
  const name = ('target' in on ? on.target.cluster : on.from.cluster) ?? rules.defaultCluster
  const cluster = context.clusters.get(name)
  if (cluster === undefined)
    return refuse(`There is no cluster "${name}". Leave out --context to use ${rules.defaultCluster}.`)
  if ('target' in on) {
    const target: Target = { ...on.target, cluster: name }
    const facts = await cluster.resolve(target)
    const labels = 'problem' in facts ? { labels: {}, namespaceLabels: {} } : facts
    const noRight = `You have no access to ${targetText(target)}.`
    // Who may not name the target learns nothing of it, not even whether it exists.
    if (!mayName(ctx.person, rules.policy, { target, ...labels }, context.now().toISOString())) return refuse(noRight)
    if ('problem' in facts) return refuse(facts.message)
    const node = target.kind === 'pod' ? await nodeOfPod(context, ctx, rules, cluster, { target, facts }) : undefined
    const factsOf = await lookUpFacts(createObjectReader(cluster, ctx, 'itself'))
    const targets = [{ target, facts, shownAs: targetText(target) }, ...(node === undefined ? [] : [node])].map(
      (each) => ({
        ...each,
        known: factsOf(each.facts.node),
      }),
    )
    return { where: targetText(target), cluster, of: target.kind, targets, skipped: [], known: [] }
  }
  const { matched, skipped } = await selectTargets(context, ctx.person, cluster, on, [])
  const what = on.from.kind === 'node' ? 'nodes' : `pods of ${on.from.namespace}`
  const where = `${what} with ${labelsText(on.labels)}`
  if (matched.length === 0) return refuse(`There are no ${where} that you have access to.`)
  const countProblem = tooMany(typed, rules.fanOut, where, matched.length, on.targets)
  if (countProblem !== undefined) return countProblem
  const factsOf = await lookUpFacts(createObjectReader(cluster, ctx, 'itself'))
  const targets = matched.map(({ target, facts }) => ({
    target,
    facts,
    shownAs: targetText(target),
    known: factsOf(facts.node),
  }))
  return { where, cluster, of: on.from.kind, targets, skipped, known: [] }
}

/** Returns the node of a pod, whose checks stand in the same summary; undefined where the person may not name it. */
async function nodeOfPod(
  context: BotContext,
  ctx: CommandContext,
  rules: Rules,
  cluster: Cluster,
  pod: Pick<TriageTarget, 'target' | 'facts'>,
): Promise<Omit<TriageTarget, 'known'> | undefined> {
  const target: Target = { kind: 'node', cluster: cluster.name, name: pod.facts.node }
  const facts = await cluster.resolve(target)
  if ('problem' in facts) return undefined
  const isNamed = mayName(ctx.person, rules.policy, { target, ...facts }, context.now().toISOString())
  return isNamed ? { target, facts, shownAs: targetText(pod.target), ofPod: true } : undefined
}
