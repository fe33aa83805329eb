import type { Message } from '#core/messages/message'
import type { Cluster } from '#core/ports/cluster'
import { ownerText } from '#core/request/owner'
import { defined } from '#core/util/defined'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { clusterOf, interpretCommand, type Unclear } from '#src/bot/runs/plan-to-request'
import type { OwnerCommand, TypedOwner, TypedTarget } from '#src/command/parsed-shell-command'
import { admitRun } from './admit.ts'
import { admitShell } from './admit-shell.ts'
import { type Found, selectPodsOfOwner } from './select-targets.ts'

/**
 * Handles `shell deploy/NAME …`: chooses one of its pods, a ready one if there is any, names it, and handles the command
 * as one on that pod: a tool, or an interactive shell where none is named.
 */
export async function admitOnPodOfOwner(
  context: BotContext,
  ctx: CommandContext,
  { target: typedTarget, ...command }: OwnerCommand,
): Promise<void> {
  const typed = ctx.typed.text
  const understood = findCluster(context, typed, { ...command, target: typedTarget })
  if ('message' in understood) {
    context.count('misunderstood')
    await ctx.reply({ kind: 'misunderstood', typed, ...understood })
    return
  }
  const { owner, namespace, container } = typedTarget
  const { cluster } = understood
  const pods = await context.span(ctx.id, 'resolve-target', () =>
    selectPodsOfOwner(context, ctx.person, cluster, typedTarget),
  )
  const [chosen] = typeof pods === 'string' ? [] : pods
  if (typeof pods === 'string' || chosen === undefined) {
    context.count('refused')
    await ctx.reply(noPodOf(typed, typedTarget, typeof pods === 'string' ? pods : undefined))
    return
  }
  const { name } = chosen.target
  const notes = [...(command.notes ?? []), `${ownerText(owner)}: pod/${name}, ${choiceText(pods)}`]
  const inside = defined({ container })
  const target: TypedTarget = { kind: 'pod', cluster: cluster.name, namespace, name, ...inside }
  const onPod = { ...command, verb: 'shell' as const, target, notes }
  return command.pipeline.length === 0 ? admitShell(context, ctx, onPod) : admitRun(context, ctx, onPod)
}

/** Returns the cluster of a command, or why the command can't be carried out whichever pod is chosen. */
function findCluster(
  context: BotContext,
  typed: string,
  { target, ...command }: Omit<OwnerCommand, 'verb'>,
): { cluster: Cluster } | Unclear {
  const rules = context.rules()
  const onPod = { ...command, target: { ...target, kind: 'pod' as const } }
  if (command.pipeline.length > 0) return interpretCommand(context, rules, typed, onPod)
  return clusterOf(context, rules, target.cluster)
}

/** Returns how one of an owner's pods was chosen: the first of them, which are sorted. */
export function choiceText(pods: readonly Pick<Found, 'ready' | 'problem'>[]): string {
  const ready = pods.filter((each) => each.ready === true && each.problem === undefined).length
  if (ready === 0) return `none of ${pods.length} is ready`
  return ready === 1 ? 'the ready one' : `one of ${ready} ready ones`
}

/** Returns the refusal where an owner has no pod that the person may name. `why`: why its pods can't be looked up. */
export function noPodOf(
  typed: string,
  { owner, namespace }: Pick<TypedOwner, 'owner' | 'namespace'>,
  why?: string,
): Message {
  const message = why ?? `In the namespace ${namespace} there is no pod of ${ownerText(owner)} that you may name.`
  const wayOut = `\`pods -n ${namespace}\` lists those that you may; \`whoami\` says what is granted to you.`
  return { kind: 'refused', typed, message, wayOut }
}
