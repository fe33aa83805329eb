import { currentApprovals } from '#core/approvals/approval'
import {
  type Restriction,
  restrictionOfNode,
  restrictionOfRefusal,
  restrictionRefusal,
} from '#core/clusters/platform-restrictions'
import type { Message } from '#core/messages/message'
import { queuePositionText } from '#core/messages/queue-position'
import { rootMessage, runCard } from '#core/messages/run-card'
import { noMessage } from '#core/messages/thread-ref'
import { podSecurityHint } from '#core/output/pod-security-hint'
import { personText } from '#core/people/person-text'
import { authorize } from '#core/policy/authorize'
import type { ApprovalRule, Decision } from '#core/policy/policy'
import type { Cluster } from '#core/ports/cluster'
import { hasReason } from '#core/request/has-reason'
import { notDebuggableHint } from '#core/request/not-debuggable-hint'
import type { ToolRequest } from '#core/request/request'
import { type Target, type TargetFacts, type TargetProblem, targetText } from '#core/request/target'
import { requestDetails } from '#core/runs/audit-record'
import { type DebugSpec, toDebugSpec } from '#core/runs/debug-spec'
import type { Run } from '#core/runs/run'
import { containerSeconds } from '#core/terminal/terminal-session'
import { defined } from '#core/util/defined'
import { breakGlass } from '#src/bot/approvals/break-glass'
import { requestApproval } from '#src/bot/approvals/request-approval'
import { announceStandingUse, findStandingApproval, type StandingApproval } from '#src/bot/approvals/standing-approval'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext, Rules } from '#src/bot/context'
import { decisionMessage, denialMessage } from '#src/bot/runs/decision-messages'
import { enqueue } from '#src/bot/runs/enqueue'
import { hasWarmSession } from '#src/bot/runs/has-warm-session'
import { withReason } from '#src/bot/runs/insert-reason-placeholder'
import { nearestTargets } from '#src/bot/runs/nearest-targets'
import { pinImage, unpinnedAdvice } from '#src/bot/runs/pin-image'
import { interpretCommand, toRequest } from '#src/bot/runs/plan-to-request'
import { openSession } from '#src/bot/terminal/open-session'
import type { ShellCommand } from '#src/command/parsed-shell-command'

/** Facts of a target that doesn't exist, or that the cluster was not asked about: no label pattern matches them. */
export const noFacts: TargetFacts = { uid: '', node: '', os: 'linux', labels: {}, namespaceLabels: {} }

/**
 * Handles a `shell` command: determines what it needs, authorizes the person for it on the target, and enqueues the run
 * or requests approval.
 */
export async function admitRun(context: BotContext, ctx: CommandContext, command: ShellCommand): Promise<void> {
  const rules = context.rules()
  const typed = ctx.typed.text
  const understood = interpretCommand(context, rules, typed, command)
  if ('message' in understood) {
    context.count('misunderstood')
    await ctx.reply({ kind: 'misunderstood', typed, ...understood })
    return
  }
  const { planned, cluster } = understood
  const target: Target = { ...command.target, cluster: cluster.name }
  const [found, destinations] = await context.span(ctx.id, 'resolve-target', () =>
    Promise.all([cluster.resolve(target), context.resolveDestinations(planned.destinations, target)]),
  )
  const facts = 'problem' in found ? noFacts : found
  const request = toRequest(ctx, command.flags, { id: ctx.id, target, facts }, { ...planned, destinations })
  const decision = authorize(request, rules.policy, request.at)
  const record = () => context.audit('decided', ctx.id, ctx.person.id, decisionDetails(request, decision))
  if (!command.dryRun) await context.span(ctx.id, 'audit-decision', record)
  context.log.info(
    { run: ctx.id, person: ctx.person.id, target: targetText(target), effect: decision.effect },
    'decided',
  )

  const on = { rules, request, cluster, found }
  if (decision.effect !== 'deny') return handleAuthorized(context, ctx, { ...on, decision }, command.dryRun)
  if (command.dryRun) {
    await ctx.reply(decisionMessage(request, decision))
    return
  }
  context.count('refused')
  const maybeMisspelt = decision.reason === 'no-grant'
  const near = maybeMisspelt ? await nearestTargets(context, ctx.person, cluster, target) : []
  await ctx.reply(denialMessage(request, decision, rules, near))
}

export type AuthorizedCommand = {
  rules: Rules
  request: ToolRequest
  decision: Exclude<Decision, { effect: 'deny' }>
  cluster: Cluster
  found: TargetFacts | TargetProblem
  /** Further sets that would give a shell here. */
  more?: readonly string[]
}

/** Handles a command whose person may work on the target, and so may see what is wrong with it. */
export async function handleAuthorized(
  context: BotContext,
  ctx: CommandContext,
  given: AuthorizedCommand,
  dryRun: boolean,
): Promise<void> {
  const { rules, request, decision, cluster, found, more = [] } = given
  if ('problem' in found && !dryRun) {
    await ctx.reply(await targetProblem(context, ctx, cluster, request, found))
    return
  }
  const restriction = 'problem' in found ? undefined : findNodeRestriction(request, found)
  if (restriction !== undefined) {
    context.count('refused')
    await ctx.reply(restrictedMessage(request, decision, restriction, dryRun))
    return
  }
  const tagged = toDebugSpec(request, rules.defaults, decision.maxDeadline)
  const { spec, unpinned } = await context.span(request.id, 'pin-image', () => pinImage(context, tagged, decision))
  const isShell = request.terminal !== undefined
  const ready = !isShell && !dryRun && !('problem' in found) && (await hasWarmSession(context, request, spec, decision))
  const dryRunInCluster = () =>
    cluster.dryRun({
      ...{ id: request.id, spec, by: request.by },
      ...(isShell ? { session: { maxSeconds: containerSeconds(spec.deadline) } } : {}),
    })
  const skipped = ready || 'problem' in found
  const accepted = skipped ? { ok: true as const } : await context.span(request.id, 'dry-run', dryRunInCluster)
  if (dryRun) {
    const problem = 'problem' in found ? found.message : accepted.ok ? unpinned : accepted.problem
    await ctx.reply(decisionMessage(request, decision, { image: spec.image, problem, more }))
    return
  }
  if (!accepted.ok) {
    await ctx.reply(clusterRefusal(request, accepted.problem))
    return
  }
  if (isShell && decision.effect === 'allow') return openSession(context, ctx, { request, spec, decision, more })
  if (decision.effect === 'allow') return enqueueRun(context, ctx, { request, spec, decision, ready })
  if (unpinned !== undefined) {
    context.count('refused')
    await ctx.reply({
      kind: 'refused',
      message: unpinned,
      wayOut: unpinnedAdvice(request, rules),
      typed: request.typed.text,
    })
    return
  }
  const standing = await findStandingApproval(context, request, spec, decision)
  if (standing === undefined || standing.beyond !== undefined)
    return requestApproval(context, ctx, request, spec, decision, standing)
  if (!hasReason(request)) {
    const message = `This is covered by the standing approval ${standing.approved.id}, but needs a reason of its own, which its approvers are told.`
    const typed = request.typed.text
    await ctx.reply({ kind: 'misunderstood', typed, message, suggestion: withReason(typed) })
    return
  }
  await enqueueRun(context, ctx, { request, spec, decision, ready, standing })
}

/** Returns the refusal of what the API server would refuse, with what would help. */
function clusterRefusal(request: ToolRequest, refused: string): Message {
  const known = restrictionOfRefusal(refused)
  const explained = known === undefined ? undefined : restrictionRefusal(known)
  const wayOut = explained?.wayOut ?? podSecurityHint(request.target, request.facts.node, request.pipeline, refused)
  const why = explained === undefined ? '' : `${explained.message} `
  const message = `${why}The cluster would refuse this: ${refused}`
  return { kind: 'refused', message, typed: request.typed.text, ...defined({ wayOut }) }
}

/** Returns what the target's own node forbids, where the platform is known by it. */
function findNodeRestriction({ target, pipeline }: ToolRequest, facts: TargetFacts): Restriction | undefined {
  if (target.kind !== 'node') return undefined
  const node = { name: facts.node, labels: facts.labels, osImage: facts.osImage ?? '' }
  return restrictionOfNode(
    node,
    pipeline.map(({ argv }) => argv),
  )
}

function restrictedMessage(
  request: ToolRequest,
  decision: AuthorizedCommand['decision'],
  restriction: Restriction,
  dryRun: boolean,
): Message {
  const { message, wayOut } = restrictionRefusal(restriction)
  if (dryRun) return decisionMessage(request, decision, { problem: `${message} ${wayOut}` })
  return { kind: 'refused', message, wayOut, typed: request.typed.text }
}

export function decisionDetails(request: ToolRequest, decision: Decision): Record<string, string> {
  const { effect } = decision
  const how = effect === 'deny' ? { why: decision.reason } : { set: decision.set, grant: decision.grant }
  return { ...requestDetails(request), decision: effect, ...how }
}

async function targetProblem(
  context: Pick<BotContext, 'rules' | 'now'>,
  ctx: CommandContext,
  cluster: Cluster,
  { target, pipeline }: ToolRequest,
  found: TargetProblem,
) {
  const near = found.problem === 'missing' ? await nearestTargets(context, ctx.person, cluster, target) : []
  const hint = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`
  const wayOut = notDebuggableHint(target, found, pipeline)
  const { text: typed } = ctx.typed
  return {
    kind: 'refused' as const,
    message: `${found.message}${hint}`,
    typed,
    ...defined({ wayOut }),
  }
}

type RunToEnqueue = Pick<AuthorizedCommand, 'request' | 'decision'> & {
  spec: DebugSpec
  /** True where the run reuses a warm container. */
  ready: boolean
  /** The approval of another run that covers this one too. */
  standing?: StandingApproval
}

async function enqueueRun(
  context: BotContext,
  ctx: CommandContext,
  { request, spec, decision, ready, standing }: RunToEnqueue,
) {
  const { set, grant } = decision
  const unwritten = noMessage(ctx.inbound.thread)
  const run: Run = {
    ...{ id: ctx.id, request, spec, set, grant, message: unwritten, state: 'queued', queuedAt: request.at },
    ...(standing === undefined ? {} : { under: standing.approved.id }),
    ...(context.pages === undefined ? {} : { pages: true }),
    ...(ctx.threaded ? { threaded: true } : {}),
  }
  const unapproved = decision.effect === 'allow' ? decision.unapproved : undefined
  if (unapproved !== undefined) await breakGlass(context, ctx, run, unapproved)
  if (standing !== undefined) await announceStandingUse(context, ctx, run, standing)
  await enqueue(context, run, async (recentRuns) => {
    // Writes the message before it adds the job: a fast worker would otherwise write "running" before this process
    // writes "queued".
    const note =
      approvalNote(standing, unapproved) ?? (await waitingNote(context, recentRuns)) ?? warmSessionNote(ready, spec)
    const notice = rootMessage(run, { kind: 'queued', run: runCard(run), ...defined({ note }) })
    const message = await context.span(run.id, 'reply-queued', () => ctx.reply(notice))
    const saved = { ...run, message }
    await context.span(run.id, 'save-run', () => context.store.addRun(saved))
    ctx.markSaved()
    return saved
  })
}

/** Returns why the run may have to wait in the queue; undefined where nothing delays it. */
async function waitingNote(context: Pick<BotContext, 'queue'>, recentRuns: number): Promise<string | undefined> {
  const [{ workers }, before] = await Promise.all([context.queue.counts(), context.queue.position(recentRuns)])
  const positionText = queuePositionText({ before })
  if (workers > 0) return positionText
  const none = 'No worker is running. The run starts as soon as one does, and expires after five minutes.'
  return positionText === undefined ? none : `${none} ${positionText}`
}

function warmSessionNote(ready: boolean, { target }: DebugSpec): string | undefined {
  if (!ready) return undefined
  return target.kind === 'node' ? 'It reuses a warm pod.' : 'It reuses a warm container.'
}

function approvalNote(
  standing: StandingApproval | undefined,
  unapproved: ApprovalRule | undefined,
): string | undefined {
  if (unapproved !== undefined) return 'Without approval: break-glass used; this is on record.'
  if (standing === undefined) return undefined
  const { approval, id } = standing.approved
  const approvals = approval === undefined ? [] : currentApprovals(approval)
  const names = approvals.map(({ by }) => personText(by)).join(' and ')
  return `Covered by a standing approval of ${names}, ${id}; they are told of it.`
}
