import type { Cluster } from '#core/ports/cluster'
import { hasReason } from '#core/request/has-reason'
import { needsOnNode, nodeAccessLine, usedNodeAccess } from '#core/request/node-access-through-pod'
import type { ToolRequest } from '#core/request/request'
import type { Target, TargetFacts } from '#core/request/target'
import { defined } from '#core/util/defined'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext, Rules } from '#src/bot/context'
import { plainText } from '#src/command/command-text-and-tokens'
import type { ShellCommand, ShellFlags } from '#src/command/parsed-shell-command'
import { type Plan, plan } from '#src/command/plan'
import { withReason } from './insert-reason-placeholder.ts'

/** Why a command that was parsed can't be carried out, with a corrected one where there is one. */
export type Unclear = { message: string; suggestion?: string }

type InterpretedCommand = Pick<ShellCommand, 'flags' | 'pipeline'> & {
  target: { kind: Target['kind']; cluster?: string }
}

const sessionsMissing = 'Name the tool to run after the selector; a shell is opened on one target at a time.'

/** Returns the plan of a command and its cluster, or why the command can't be carried out. */
export function interpretCommand(
  context: Pick<BotContext, 'catalogue' | 'clusters'>,
  rules: Rules,
  typed: string,
  command: InterpretedCommand,
): { planned: Plan; cluster: Cluster } | Unclear {
  if (command.pipeline.length === 0) return { message: sessionsMissing, suggestion: `${typed.trim()} ping 127.0.0.1` }
  const planned = plan(command, context.catalogue, rules.image)
  if ('verb' in planned) {
    const { message, suggestion } = planned
    return { message, ...defined({ suggestion }) }
  }
  const { flags, target } = command
  if (flags.breakGlass && !hasReason(flags)) {
    return { message: '`--break-glass` requires a reason, which everybody can read.', suggestion: withReason(typed) }
  }
  const found = clusterOf(context, rules, target.cluster)
  return 'cluster' in found ? { planned, ...found } : found
}

/** Returns the cluster that a command names, or the usual one; or that there is none of this name. */
export function clusterOf(
  { clusters }: Pick<BotContext, 'clusters'>,
  { defaultCluster }: Rules,
  name = defaultCluster,
): { cluster: Cluster } | Unclear {
  const cluster = clusters.get(name)
  if (cluster !== undefined) return { cluster }
  return { message: `There is no cluster "${name}". Leave out --context to use ${defaultCluster}.` }
}

/** Builds the request that the policy decides on. */
export function toRequest(
  ctx: CommandContext,
  flags: ShellFlags,
  on: { id: string; target: Target; facts: TargetFacts },
  planned: Omit<Plan, 'destinations'> & Pick<ToolRequest, 'destinations'>,
): ToolRequest {
  const { timeout, deadline, reason, breakGlass } = flags
  const plain = plainText(ctx.typed)
  return {
    ...on,
    by: ctx.person,
    account: ctx.inbound.account,
    ...planned,
    ...inPod(on, planned),
    ...defined({ startTimeout: timeout, deadline, reason }),
    ...(breakGlass ? { breakGlass } : {}),
    thread: ctx.inbound.thread,
    at: ctx.at,
    typed: { text: ctx.typed.text, entities: ctx.typed.entities, ...defined({ plain }) },
  }
}

/** Returns what a pod that opens its node adds to a request: what the same needs on that node. */
function inPod(
  { target, facts }: Pick<ToolRequest, 'target' | 'facts'>,
  { needs, added, pipeline }: Pick<Plan, 'needs' | 'added' | 'pipeline'>,
): Pick<ToolRequest, 'needs' | 'added'> {
  const opened = target.kind === 'node' ? [] : usedNodeAccess(needs, facts.opens)
  if (opened.length === 0) return { needs, added }
  const why = `judged as node/${facts.node} (${nodeAccessLine(opened)})`
  return { needs: needsOnNode({ needs, pipeline }, facts.opens), added: [...added, why] }
}
