import { ownerText } from '#core/request/owner'
import { defined } from '#core/util/defined'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { interpretCommand } from '#src/bot/runs/plan-to-request'
import type { OwnerCommand, TypedTarget } from '#src/command/command'
import { admitRun } from './admit.ts'
import { selectPodsOfOwner } from './select-targets.ts'

/**
 * Handles `shell deploy/NAME …`: chooses one of its pods, a ready one if there is any, names it, and handles the command
 * as one on that pod.
 */
export async function admitOnPodOfOwner(
  context: BotContext,
  ctx: CommandContext,
  { target: typedTarget, ...command }: OwnerCommand,
): Promise<void> {
  const typed = ctx.typed.text
  const understood = interpretCommand(context, context.rules(), typed, {
    ...command,
    target: { ...typedTarget, kind: 'pod' },
  })
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
    const none = `In the namespace ${namespace} there is no pod of ${ownerText(owner)} that you may name.`
    const wayOut = `\`pods -n ${namespace}\` lists those that you may; \`whoami\` says what is granted to you.`
    await ctx.reply({ kind: 'refused', typed, message: typeof pods === 'string' ? pods : none, wayOut })
    return
  }
  const { name } = chosen.target
  const ready = pods.filter((each) => each.ready === true && each.problem === undefined).length
  const count =
    ready === 0 ? `none of ${pods.length} is ready` : ready === 1 ? 'the ready one' : `one of ${ready} ready ones`
  const notes = [...(command.notes ?? []), `${ownerText(owner)}: pod/${name}, ${count}`]
  const inside = defined({ container })
  const target: TypedTarget = { kind: 'pod', cluster: cluster.name, namespace, name, ...inside }
  return admitRun(context, ctx, { ...command, verb: 'shell', target, notes })
}
