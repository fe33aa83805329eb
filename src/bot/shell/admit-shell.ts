import type { AccountRef } from '#core/people/principal'
import type { Cluster } from '#core/ports/cluster'
import type { ToolRequest } from '#core/request/request'
import { type Target, type TargetFacts, targetText } from '#core/request/target'
import { chooseShell, type ShellChoice } from '#core/terminal/choose-set-for-shell'
import { defined } from '#core/util/defined'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext, Rules } from '#src/bot/context'
import { decisionMessage, denialMessage } from '#src/bot/runs/decision-messages'
import { nearestTargets } from '#src/bot/runs/nearest-targets'
import { clusterOf } from '#src/bot/runs/plan-to-request'
import { nearest } from '#src/command/misunderstood'
import type { ShellCommand } from '#src/command/parsed-shell-command'
import { planShell, shellStage } from '#src/command/plan-shell'
import { listedSessions, sessionTarget } from '#src/lifecycle/open-terminal-sessions'
import { decisionDetails, handleAuthorized, noFacts } from './admit.ts'

/**
 * Handles `shell TARGET` without a tool: chooses the capability set that gives a shell there, and opens a session or requests approval.
 */
export async function admitShell(context: BotContext, ctx: CommandContext, command: ShellCommand): Promise<void> {
  const rules = context.rules()
  const typed = ctx.typed.text
  const unclear = findUnclear(context, rules, command)
  const named = unclear === undefined ? clusterOf(context, rules, command.target.cluster) : { message: unclear }
  if (!('cluster' in named)) {
    context.count('misunderstood')
    const suggestion = context.terminal === undefined ? { suggestion: `${typed.trim()} ping 127.0.0.1` } : {}
    await ctx.reply({ kind: 'misunderstood', typed, message: named.message, ...suggestion })
    return
  }
  const { cluster } = named
  const target: Target = { ...command.target, cluster: cluster.name }
  const found = await context.span(ctx.id, 'resolve-target', () => cluster.resolve(target))
  const facts = 'problem' in found ? noFacts : found
  const choice = chooseShell(
    {
      ...{ by: ctx.person, target, facts, pipeline: [shellStage], destinations: [], thread: ctx.inbound.thread },
      ...planShell(command.flags, rules.image),
    },
    rules.policy,
    ctx.at,
  )
  const request = toShellRequest(ctx, command, rules, { target, facts, choice })
  const { decision } = choice
  if (!command.dryRun) {
    const record = () => context.audit('decided', ctx.id, ctx.person.id, decisionDetails(request, decision))
    await context.span(ctx.id, 'audit-decision', record)
  }
  context.log.info(
    { run: ctx.id, person: ctx.person.id, target: targetText(target), effect: decision.effect },
    'decided',
  )
  if (decision.effect === 'deny') return refuse(context, ctx, { cluster, request, decision }, command.dryRun)
  if (choice.several.length > 0 && !command.dryRun) {
    const message = `A shell on ${targetText(target)} needs approval here. Name the set: ${choice.several.map((each) => `--set ${each}`).join(' or ')}.`
    await ctx.reply({ kind: 'misunderstood', typed, message, suggestion: withSet(typed, choice.several[0] ?? '') })
    return
  }
  const full = command.dryRun ? undefined : await findLimit(context, request)
  if (full !== undefined) {
    context.count('refused')
    await ctx.reply({ kind: 'refused', typed, message: full, wayOut: '`sessions` lists yours, `end ID` ends one.' })
    return
  }
  await handleAuthorized(context, ctx, { rules, request, decision, cluster, found, more: choice.more }, command.dryRun)
}

/** Bytes that have to be free for recordings before another shell opens. */
const minRoomBytes = 1_048_576

/** Returns which limit of open shells is reached. */
async function findLimit(context: BotContext, { by, target }: ToolRequest): Promise<string | undefined> {
  const { perPerson, perTarget } = context.rules().shells
  const open = await listedSessions(context.store)
  if (open.filter(({ person }) => person === by.id).length >= perPerson)
    return `You have ${perPerson} open shells, as many as one person may have.`
  const place = sessionTarget(target)
  if (open.filter((each) => each.target === place).length >= perTarget)
    return `There are ${perTarget} open shells on ${targetText(target)}, as many as one target may have.`
  const { freeBytes } = await context.artifacts.room()
  if (freeBytes !== undefined && freeBytes < minRoomBytes)
    return 'There is no room for its recording: recordings and other files fill their part of Redis (limits.artifacts in retina.yaml). Ask the owner of the bot, or try later.'
  return undefined
}

/** Returns why a shell can't be asked for like this. */
function findUnclear(context: BotContext, rules: Rules, { flags, dryRun }: ShellCommand): string | undefined {
  if (context.terminal === undefined && !dryRun)
    return 'This bot opens no shells: "terminal: { url }" is not set in retina.yaml. Name the tool to run after the target.'
  if (flags.deadline !== undefined) return 'A shell has the time limit of its set (maxSession); leave out --deadline.'
  if (flags.breakGlass) return 'A shell is never opened by --break-glass; ask for it with --reason.'
  const { set } = flags
  const names = rules.policy.sets.flatMap(({ name, terminal }) => (terminal === undefined ? [] : [name]))
  if (set === undefined || names.includes(set)) return undefined
  const similar = nearest(set, names)
  return `There is no set "${set}" that gives a shell${similar === undefined ? '' : `; the closest is ${similar}`}.`
}

function toShellRequest(
  ctx: CommandContext,
  { flags, notes = [] }: Pick<ShellCommand, 'flags' | 'notes'>,
  rules: Rules,
  { target, facts, choice }: { target: Target; facts: TargetFacts; choice: ShellChoice },
): ToolRequest {
  const { image } = planShell(flags, rules.image)
  const account: AccountRef = ctx.inbound.account
  return {
    ...{ id: ctx.id, by: ctx.person, account, target, facts, needs: choice.needs, destinations: [], added: notes },
    pipeline: [choice.needs.effect === 'write' ? { ...shellStage, changes: true } : shellStage],
    terminal: defined({ set: choice.set }),
    ...(choice.set === undefined ? {} : { deadline: choice.maxSession }),
    ...defined({ image, startTimeout: flags.timeout, reason: flags.reason }),
    thread: ctx.inbound.thread,
    at: ctx.at,
    typed: { text: ctx.typed.text, entities: ctx.typed.entities },
  }
}

type Refused = {
  cluster: Cluster
  request: ToolRequest
  decision: Extract<ShellChoice['decision'], { effect: 'deny' }>
}

async function refuse(context: BotContext, ctx: CommandContext, refused: Refused, dryRun: boolean): Promise<void> {
  const { cluster, request, decision } = refused
  if (dryRun) {
    await ctx.reply(decisionMessage(request, decision))
    return
  }
  context.count('refused')
  const isMaybeMisspelt = decision.reason === 'no-grant'
  const near = isMaybeMisspelt ? await nearestTargets(context, ctx.person, cluster, request.target) : []
  await ctx.reply(denialMessage(request, decision, context.rules(), near))
}

const withSet = (typed: string, set: string) => `${typed.trim()} --set ${set}`
