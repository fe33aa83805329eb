import { authorize, coveringSets } from '#core/policy/authorize'
import type { Decision } from '#core/policy/policy'
import type { ToolRequest } from '#core/request/request'
import type { Target, TargetFacts } from '#core/request/target'
import { mergeNeeds, noNeeds } from '#core/request/tool'
import { type BatchStep, batchSeconds } from '#core/triage/batch-output'
import type { CheckResult } from '#core/triage/check-result'
import { commandsOf } from '#core/triage/commands'
import { groupBySet } from '#core/triage/group-by-set'
import type { Check, Facts, Playbook } from '#core/triage/playbook'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext, Rules } from '#src/bot/context'
import { runIdOf } from '#src/bot/run-id'
import { toRequest } from '#src/bot/runs/plan-to-request'
import type { ShellFlags } from '#src/command/parsed-shell-command'
import { type Plan, plan } from '#src/command/plan'

/** A target of a triage: what runs there, for which target of the summary, and what is known about it. */
export type TriageTarget = {
  target: Target
  facts: TargetFacts
  known: Facts
  shownAs: string
  /** True for the node of a pod, which stands in the pod's summary. */
  ofPod?: true
  /** The Service that is looked at from the target. `object`: the pod whose rights decide on what is read of it. */
  service?: { namespace: string; name: string; object: { target: Target; facts: TargetFacts } }
  /** True where nothing can be run, and only the API server is asked. */
  unreachable?: true
}

export type JudgedChecks = {
  /** One request for each set, with the commands of all checks that it covers. */
  allowed: readonly { request: ToolRequest; decision: Extract<Decision, { effect: 'allow' }> }[]
  /** Checks that no set of the person covers, with the sets that would. */
  uncovered: readonly { check: string; sets: readonly string[] }[]
  /** Checks that can't be looked at here. */
  known: readonly CheckResult[]
}

/** Flags of a command without flags. */
export const noFlags: ShellFlags = {
  mountHostFilesystem: false,
  allowHostFilesystemWrite: false,
  hostPid: false,
  breakGlass: false,
  apparmorUnconfined: false,
  seccompUnconfined: false,
}

type JudgedCheck = { check: Check; sets: readonly string[]; wouldNeed: readonly string[]; commands: readonly Planned[] }
type Planned = { step: BatchStep; planned: Plan; destinations: ToolRequest['destinations']; again: boolean }

/**
 * Judges each command of the checks as if the person had typed it on the target, and groups the checks by the set that
 * covers them: one container and one run for each group.
 */
export async function judgeChecks(
  context: BotContext,
  ctx: CommandContext,
  rules: Rules,
  on: TriageTarget,
  playbooks: readonly Playbook[],
): Promise<JudgedChecks> {
  const judged: JudgedCheck[] = []
  const known: CheckResult[] = []
  const seen = new Set<string>()
  for (const playbook of playbooks)
    for (const check of playbook.checks) {
      if (check.run.length === 0 || seen.has(check.name) || !runsOn(playbook, check, on)) continue
      seen.add(check.name)
      const outcome = await judgeCheck(context, ctx, rules, on, { playbook: playbook.name, check })
      if ('said' in outcome) known.push({ playbook: playbook.name, check: check.name, status: 'unknown', ...outcome })
      else judged.push(outcome)
    }
  const groups = groupBySet(judged)
  const requests = groups.map(({ set, members }) =>
    toBatchRequest(ctx, on, { set, members, maxDeadline: maxDeadlineOf(rules, set) }),
  )
  const decided = requests.map((request) => ({ request, decision: authorize(request, rules.policy, request.at) }))
  return {
    allowed: decided.flatMap(({ request, decision }) => (decision.effect === 'allow' ? [{ request, decision }] : [])),
    uncovered: judged.flatMap(({ check, sets, wouldNeed }) =>
      sets.length > 0 ? [] : [{ check: check.name, sets: wouldNeed }],
    ),
    known,
  }
}

/**
 * Returns true for a check that runs on this target. Playbooks for nodes run on nodes alone, also on that of a pod; the
 * others on the target itself, except for checks of the node; playbooks for Services on Services alone.
 */
export function runsOn(
  playbook: Pick<Playbook, 'for'>,
  { where, api }: Pick<Check, 'where' | 'api'>,
  { target, ofPod, service, unreachable }: TriageTarget,
): boolean {
  if (unreachable === true && api === undefined) return false
  if (playbook.for === 'service') return service !== undefined
  // From a node, only the Service itself is looked at.
  if (service !== undefined && (target.kind === 'node' || unreachable === true)) return false
  if (target.kind === 'pod') return playbook.for !== 'node' && where !== 'node'
  return where !== 'pod' && (ofPod !== true || playbook.for === 'node' || where === 'node')
}

async function judgeCheck(
  context: BotContext,
  ctx: CommandContext,
  rules: Rules,
  on: TriageTarget,
  { playbook, check }: { playbook: string; check: Check },
): Promise<JudgedCheck | { said: string }> {
  const commands = commandsOf(playbook, check, on.known)
  if ('missing' in commands) return { said: commands.missing }
  const planned: Planned[] = []
  let sets: readonly string[] | undefined
  let wouldNeed: readonly string[] | undefined
  for (const { step, argv, again } of commands) {
    const understood = plan({ flags: noFlags, pipeline: [argv], target: on.target }, context.catalogue, rules.image)
    if ('verb' in understood) return { said: understood.message }
    const destinations = await context.resolveDestinations(understood.destinations, on.target)
    const request = toRequest(ctx, noFlags, { id: ctx.id, ...pick(on) }, { ...understood, destinations })
    const covering = coveringSets(request, rules.policy, request.at).map(({ name }) => name)
    sets = sets === undefined ? covering : sets.filter((set) => covering.includes(set))
    if (covering.length === 0) {
      const decision = authorize(request, rules.policy, request.at)
      wouldNeed = decision.effect === 'deny' ? decision.wouldNeed : [`${decision.set} (after approval)`]
    }
    planned.push({ step, planned: understood, destinations, again })
  }
  return { check, sets: sets ?? [], wouldNeed: wouldNeed ?? [], commands: planned }
}

function maxDeadlineOf({ policy }: Rules, set: string): number {
  return policy.sets.find(({ name }) => name === set)?.maxDeadline ?? 0
}

const pick = ({ target, facts }: TriageTarget) => ({ target, facts })

/** Builds the request of all commands of a group: each is a stage of its own, and none reads another's output. */
function toBatchRequest(
  ctx: CommandContext,
  on: TriageTarget,
  { set, members, maxDeadline }: { set: string; members: readonly JudgedCheck[]; maxDeadline: number },
): ToolRequest {
  const once = members.flatMap(({ commands }) => commands)
  const all = [
    ...once,
    ...once.filter(({ again }) => again).map((each) => ({ ...each, step: { ...each.step, later: true as const } })),
  ]
  const againAfter = Math.max(0, ...members.map(({ check }) => check.twice ?? 0))
  const whole = {
    pipeline: all.flatMap(({ planned }) => planned.pipeline),
    needs: all.reduce((needs, { planned }) => mergeNeeds(needs, planned.needs), noNeeds),
    destinations: all.flatMap(({ destinations }) => destinations),
    added: [...new Set(all.flatMap(({ planned }) => planned.added))],
  }
  const id = runIdOf(ctx.id, on.target.kind, on.target.name, on.shownAs, set)
  const request = toRequest(ctx, noFlags, { id, ...pick(on) }, whole)
  const deadline = Math.min(batchSeconds(all.length, againAfter), maxDeadline)
  return { ...request, deadline, batch: { steps: all.map(({ step }) => step), againAfter, facts: on.known } }
}
