import { type FanOut, fanOutMessage, type Skipped } from '#core/fan-out/fan-out'
import type { Message } from '#core/messages/message'
import { rootMessage } from '#core/messages/run-card'
import { noMessage } from '#core/messages/thread-ref'
import { hideInPipeline, hideInTyped } from '#core/output/hide-in-command'
import { authorize } from '#core/policy/authorize'
import type { Decision } from '#core/policy/policy'
import type { Cluster } from '#core/ports/cluster'
import type { ToolRequest } from '#core/request/request'
import { targetText } from '#core/request/target'
import { toDebugSpec } from '#core/runs/debug-spec'
import { type Run, runRetentionSeconds, startLimit } from '#core/runs/run'
import { formatPipeline } from '#core/util/quote'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext, Rules } from '#src/bot/context'
import { runIdOf } from '#src/bot/run-id'
import { runChanged } from '#src/bot/runs/access'
import { denialMessage } from '#src/bot/runs/decision-messages'
import { enqueue, enqueueSaved } from '#src/bot/runs/enqueue'
import { pinImage } from '#src/bot/runs/pin-image'
import { interpretCommand, toRequest } from '#src/bot/runs/plan-to-request'
import type { FanOutCommand } from '#src/command/parsed-shell-command'
import type { Plan } from '#src/command/plan'
import { keepUpdated } from '#src/lifecycle/fan-out-outcomes'
import { decisionDetails } from './admit.ts'
import { fanOutPreview, tooMany } from './fan-out-preview.ts'
import { type Matched, selectTargets, whereText } from './select-targets.ts'

/** Maximum number of runs that are enqueued at the same time. */
const maxConcurrentRuns = 20

type Judged = { request: ToolRequest; decision: Decision }
type Allowed = { request: ToolRequest; decision: Extract<Decision, { effect: 'allow' }> }

/**
 * Starts `shell -l SELECTOR`: authorizes each target separately and enqueues a run of its own for each allowed one; one
 * message shows all of them. Targets that would need approval are not run.
 */
export async function startFanOut(context: BotContext, ctx: CommandContext, command: FanOutCommand): Promise<void> {
  const rules = context.rules()
  const typed = ctx.typed.text
  const understood = interpretFanOut(context, rules, typed, command)
  if ('message' in understood) {
    context.count('misunderstood')
    await ctx.reply({ kind: 'misunderstood', typed, ...understood })
    return
  }
  const { cluster } = understood
  const where = whereText(command)
  const { matched, skipped, judged } = await judgeTargets(context, ctx, command, understood)
  if (command.dryRun) {
    await ctx.reply(fanOutPreview(where, judged, skipped))
    return
  }
  const countProblem = checkTargetCount(typed, command, rules, where, matched.length, skipped)
  if (countProblem !== undefined) {
    context.count('refused')
    await ctx.reply(countProblem)
    return
  }
  await context.span(ctx.id, 'audit-decision', async () => {
    for (const { request, decision } of judged)
      await context.audit('decided', request.id, ctx.person.id, decisionDetails(request, decision))
  })
  const allowed = allowedOf(judged)
  const problem = await findBlocker(rules, judged, allowed, cluster)
  if (problem !== undefined) {
    context.count('refused')
    await ctx.reply(problem)
    return
  }
  await startAllowed(context, ctx, { where, allowed, skipped: [...skipped, ...toSkipped(judged)], rules })
}

const oneGlass = '`--break-glass` works for one target at a time; name the target instead of using a selector.'

function interpretFanOut(
  context: BotContext,
  rules: Rules,
  typed: string,
  command: FanOutCommand,
): ReturnType<typeof interpretCommand> {
  const understood = interpretCommand(context, rules, typed, { ...command, target: command.from })
  return !('message' in understood) && command.flags.breakGlass ? { message: oneGlass } : understood
}

/** Returns the targets that the selector matches, with what may be done on each, and those that can't be used. */
async function judgeTargets(
  context: BotContext,
  ctx: CommandContext,
  command: FanOutCommand,
  { planned, cluster }: { planned: Plan; cluster: Cluster },
) {
  const { matched, skipped } = await selectTargets(context, ctx.person, cluster, command, planned.pipeline)
  return { matched, skipped, judged: await authorizeTargets(context, ctx, command, { planned, matched }) }
}

function allowedOf(judged: readonly Judged[]): Allowed[] {
  return judged.flatMap(({ request, decision }) => (decision.effect === 'allow' ? { request, decision } : []))
}

async function authorizeTargets(
  context: Pick<BotContext, 'rules' | 'resolveDestinations'>,
  ctx: CommandContext,
  command: FanOutCommand,
  { planned, matched }: { planned: Plan; matched: readonly Matched[] },
): Promise<Judged[]> {
  const { policy } = context.rules()
  const [first] = matched
  // All targets are nodes, or pods of one namespace: names resolve in the same way on each.
  const destinations = first === undefined ? [] : await context.resolveDestinations(planned.destinations, first.target)
  return matched.map((each) => {
    const id = runIdOf(ctx.id, targetText(each.target))
    const request = toRequest(ctx, command.flags, { id, ...each }, { ...planned, destinations })
    return { request, decision: authorize(request, policy, request.at) }
  })
}

/**
 * Returns the refusal of a selector that matches nothing, too many targets, or not the number that the person expects
 * (T28).
 */
function checkTargetCount(
  typed: string,
  { targets, from }: FanOutCommand,
  rules: Rules,
  where: string,
  count: number,
  skipped: readonly Skipped[],
): Message | undefined {
  if (count === 0) {
    const rest = skipped.map(({ why, targets: all }) => ` ${all.length} more: ${why}.`).join('')
    const list = from.kind === 'node' ? 'nodes' : `pods -n ${from.namespace}`
    return {
      kind: 'refused',
      typed,
      message: `There are no ${where} that you have access to.${rest}`,
      wayOut: `\`${list}\` lists those that you have access to.`,
    }
  }
  return tooMany(typed, rules.fanOut, where, count, targets)
}

/** Returns why nothing can run; undefined where something can. */
async function findBlocker(
  rules: Rules,
  judged: readonly Judged[],
  allowed: readonly Allowed[],
  cluster: Cluster,
): Promise<Message | undefined> {
  const [first] = allowed
  if (first !== undefined) {
    const { request, decision } = first
    const spec = toDebugSpec(request, rules.defaults, decision.maxDeadline)
    // Dry-runs one of them for all: they differ in their node only.
    const result = await cluster.dryRun({ id: request.id, spec, by: request.by })
    if (result.ok) return undefined
    return { kind: 'refused', message: `The cluster would refuse this: ${result.problem}`, typed: request.typed.text }
  }
  const [denied] = judged
  if (denied === undefined) return undefined
  const { request, decision } = denied
  if (decision.effect === 'deny') return denialMessage(request, decision, rules, [])
  return { kind: 'refused', message: `"${decision.set}" ${asksEach}`, typed: request.typed.text }
}

const asksEach =
  'requires approval, which is given for one target at a time: name the target instead of using a selector'

function toSkipped(judged: readonly Judged[]): Skipped[] {
  const why = ({ decision }: Judged) => {
    if (decision.effect === 'ask') return `"${decision.set}" ${asksEach}`
    return decision.effect === 'deny' ? decision.message.replace(/ on \S+\.$/, '.') : undefined
  }
  return [...Map.groupBy(judged, why)].flatMap(([text, all]) =>
    text === undefined ? [] : [{ why: text, targets: all.map(({ request }) => targetText(request.target)) }],
  )
}

type FanOutStart = { where: string; allowed: readonly Allowed[]; skipped: readonly Skipped[]; rules: Rules }

async function startAllowed(
  context: BotContext,
  ctx: CommandContext,
  { where, allowed, skipped, rules }: FanOutStart,
): Promise<void> {
  const { person, inbound, typed, id } = ctx
  const [first] = allowed
  if (first === undefined) return
  const command = formatPipeline(hideInPipeline(first.request.pipeline.map(({ argv }) => argv)))
  const draft: FanOut = {
    id,
    by: { id: person.id, name: person.name },
    account: inbound.account,
    where,
    command,
    typed: hideInTyped({ text: typed.text, entities: typed.entities }),
    members: allowed.map(({ request }) => ({ run: request.id, target: targetText(request.target) })),
    skipped,
    message: noMessage(inbound.thread),
    ...(ctx.threaded ? { threaded: true } : {}),
    at: context.now().getTime(),
  }
  const record = { where, command, runs: String(allowed.length) }
  await context.span(id, 'audit-fan-out', () => context.audit('fan-out', id, person.id, record))
  const message = await ctx.reply(rootMessage(draft, fanOutMessage(draft, new Map())))
  await context.span(id, 'save-fan-out', () => saveFanOut(context, { ...draft, message }))
  ctx.markSaved()
  await enqueueAll(context, allowed, { message, fanOut: id, rules, again: false })
}

/** Saves a fan-out, whose message a worker updates from then on. */
export async function saveFanOut(context: Pick<BotContext, 'store'>, fanOut: FanOut): Promise<void> {
  const { id, by, at } = fanOut
  await context.store.setField('fan-outs-of', by.id, id, { at }, runRetentionSeconds)
  // From here on a worker updates the message, and reports runs that are never queued.
  await keepUpdated(context.store, fanOut)
  await context.store.setValue('fan-out', id, fanOut, runRetentionSeconds)
}

/**
 * Resumes a fan-out whose bot died: enqueues those of its runs that were not queued, as far as their targets still
 * exist and are allowed. Returns false where it wasn't saved.
 */
export async function resumeFanOut(context: BotContext, ctx: CommandContext, command: FanOutCommand): Promise<boolean> {
  const existing = await context.store.getValue('fan-out', ctx.id)
  if (existing === undefined) return false
  const rules = context.rules()
  const understood = interpretFanOut(context, rules, ctx.typed.text, command)
  if ('message' in understood) return false
  if (existing === 'broken') {
    await ctx.reply(runChanged(ctx.typed.text, ctx.id))
    return true
  }
  const { id, members, message } = existing
  const { judged } = await judgeTargets(context, ctx, command, understood)
  ctx.markSaved()
  const wanted = new Set(members.map(({ run }) => run))
  const allowed = allowedOf(judged).filter(({ request }) => wanted.has(request.id))
  await enqueueAll(context, allowed, { message, fanOut: id, rules, again: true })
  return true
}

type Common = { message: FanOut['message']; fanOut: string; rules: Rules; again: boolean }

/** Enqueues a run for each request of a fan-out. */
export async function enqueueAll(context: BotContext, allowed: readonly Allowed[], common: Common): Promise<void> {
  for (let at = 0; at < allowed.length; at += maxConcurrentRuns) {
    const batch = allowed.slice(at, at + maxConcurrentRuns)
    await context.span(common.fanOut, 'enqueue-fan-out', () =>
      Promise.all(batch.map((each) => enqueueMember(context, { ...each, ...common }))),
    )
  }
}

type Member = Allowed & Common

async function enqueueMember(
  context: BotContext,
  { request, decision, message, fanOut: id, rules, again }: Member,
): Promise<void> {
  const saved = again ? await context.store.run(request.id) : undefined
  // A worker reports it as lost.
  if (saved === 'broken') return
  if (saved !== undefined) {
    if (saved.state === 'queued') await enqueueSaved(context, saved)
    return
  }
  const { set, grant, maxDeadline } = decision
  const { spec } = await pinImage(context, toDebugSpec(request, rules.defaults, maxDeadline), decision)
  const run: Run = {
    ...{ id: request.id, request, spec, set, grant, message, fanOut: id, state: 'queued', queuedAt: request.at },
    notAfter: startLimit(request.at),
  }
  await enqueue(context, run, async () => {
    await context.store.addRun(run)
    return run
  })
}
