import { channelText, type ThreadRef } from '#core/messages/thread-ref'
import type { Principal } from '#core/people/principal'
import { hasReason } from '#core/request/has-reason'
import { needsOnNode, nodeAccessText, opensNamespace, usedNodeAccess } from '#core/request/node-access-through-pod'
import type { ToolRequest } from '#core/request/request'
import { matchesName, matchesObject } from '#core/request/selector'
import { type Labels, type Target, targetText } from '#core/request/target'
import type { Instant } from '#core/util/instant'
import { type CoverageGap, findGap } from './find-gap.ts'
import type { ApprovalRule, CapabilitySet, Decision, Grant, Policy, TargetPattern } from './policy.ts'

/** Part of a request that the policy decides on. */
export type AuthorizationRequest = Pick<
  ToolRequest,
  | 'by'
  | 'target'
  | 'facts'
  | 'pipeline'
  | 'needs'
  | 'destinations'
  | 'image'
  | 'deadline'
  | 'thread'
  | 'breakGlass'
  | 'reason'
  | 'terminal'
>

/** Target with the labels that target patterns match. */
export type NamedTarget = { target: Target; labels: Labels; namespaceLabels: Labels }

/**
 * Decides every request: nothing is allowed unless a grant allows it, and one capability set has to cover the whole
 * request. A set without approval is preferred to one that requires it. Pure and total: never throws, for any request
 * and policy.
 */
export function authorize(asked: AuthorizationRequest, policy: Policy, now: Instant): Decision {
  const request = { ...asked, needs: needsOnNode(asked, asked.facts.opens) }
  const named = { target: request.target, labels: request.facts.labels, namespaceLabels: request.facts.namespaceLabels }
  const grantsOnTarget = policy.grants.filter((grant) => isFor(grant, request.by) && isOn(grant, named))
  const isValid = (grant: Grant) => !hasEnded(grant, now) && isIn(grant, request.thread)
  const validGrants = grantsOnTarget.filter(isValid)
  const candidates = validGrants.flatMap((grant) => getSets(grant, policy).map((set) => ({ grant, set })))
  const covering = candidates.filter(({ set }) => findGap(request, set) === undefined)
  const isGrantedOnNode = nodeCondition(request, policy.grants.filter(isValid))
  const reaching = covering.filter(({ set }) => isGrantedOnNode(set))
  const best =
    reaching.find(({ set }) => set.approval === undefined) ??
    reaching.find(({ set }) => mayBreakGlass(request, set)) ??
    reaching[0]
  if (best !== undefined) {
    const { grant, set } = best
    const maxDeadline = request.terminal === undefined ? set.maxDeadline : (set.terminal?.maxSession ?? 0)
    const granted = { set: set.name, grant: grant.id, maxDeadline }
    if (set.approval === undefined) return { effect: 'allow', ...granted }
    if (request.terminal !== undefined) return { effect: 'ask', ...granted, approval: approvalOfShell(set.approval) }
    if (mayBreakGlass(request, set)) return { effect: 'allow', ...granted, unapproved: set.approval }
    return { effect: 'ask', ...granted, approval: set.approval }
  }
  const wouldNeed = policy.sets.filter((set) => findGap(request, set) === undefined).map((set) => set.name)
  if (covering.length > 0) return { effect: 'deny', ...explainNode(request, covering), wouldNeed }
  return { effect: 'deny', ...explainDenial(request, grantsOnTarget, candidates, now), wouldNeed }
}

/**
 * Returns the sets that the person has on the target and that cover the request without approval: in each of them the
 * whole request may run.
 */
export function coveringSets(asked: AuthorizationRequest, policy: Policy, now: Instant): readonly CapabilitySet[] {
  const covering = policy.sets.filter((set) => {
    const decision = authorize(asked, { ...policy, sets: [set] }, now)
    return decision.effect === 'allow' && decision.unapproved === undefined
  })
  return covering
}

/**
 * Returns the condition on a set for a pod that opens its node: the person has it on that node too, because a grant on
 * pods doesn't reach that far. It holds for every set where nothing of the node is used.
 */
function nodeCondition(
  { target, facts, needs, by }: AuthorizationRequest,
  validGrants: readonly Grant[],
): (set: CapabilitySet) => boolean {
  if (target.kind === 'node' || usedNodeAccess(needs, facts.opens).length === 0) return () => true
  const node: Target = { kind: 'node', cluster: target.cluster, name: facts.node }
  const named = { target: node, labels: facts.nodeLabels ?? {}, namespaceLabels: {} }
  const grants = validGrants.filter((grant) => isFor(grant, by) && isOn(grant, named))
  return ({ name }) => grants.some(({ sets }) => sets.includes(name))
}

function explainDenial(
  request: AuthorizationRequest,
  grantsOnTarget: readonly Grant[],
  candidates: readonly { set: CapabilitySet }[],
  now: Instant,
): CoverageGap {
  const nearest = candidates
    .flatMap(({ set }) => findGap(request, set) ?? [])
    .reduce<{ gap: CoverageGap; passed: number } | undefined>(
      (best, each) => (each.passed > (best?.passed ?? -1) ? each : best),
      undefined,
    )
  const opened = usedNodeAccess(request.needs, request.facts.opens)
  if (nearest !== undefined) {
    const why = opened.length === 0 ? '' : `; the pod opens ${nodeAccessText(opened)}`
    return { ...nearest.gap, message: `Not allowed: ${nearest.gap.message}${why}.` }
  }
  const grantsElsewhere = grantsOnTarget.filter((grant) => !hasEnded(grant, now))
  if (grantsElsewhere.length > 0) {
    const channels = grantsElsewhere.flatMap((grant) => grant.in ?? []).join(', ')
    return { reason: 'channel', message: `Not allowed in this channel; your grant applies in ${channels}.` }
  }
  const ended = grantsOnTarget.find((grant) => hasEnded(grant, now))
  if (ended !== undefined)
    return { reason: 'expired', message: `No longer allowed: your grant ended at ${ended.until}.` }
  // The same message whether the target exists or not, so that it doesn't reveal the existence.
  return { reason: 'no-grant', message: `You have no grant on ${targetText(request.target)}.` }
}

/** Explains that sets which would cover a request in a pod aren't granted on the node that the pod opens. */
function explainNode(
  { target, facts, needs }: AuthorizationRequest,
  covering: readonly { set: CapabilitySet }[],
): CoverageGap {
  const opened = usedNodeAccess(needs, facts.opens)
  const sets = [...new Set(covering.map(({ set }) => `"${set.name}"`))].join(' or ')
  const byContainer = target.kind === 'pod' && target.container !== undefined && !opensNamespace(opened)
  const wayOut = byContainer ? 'leave --container out, or ask' : 'ask'
  const why = `the pod opens ${nodeAccessText(opened)}, which a grant on pods doesn't reach`
  const message = `Not allowed: ${why}; ${wayOut} for ${sets} on node/${facts.node}.`
  return { reason: 'node-access', message }
}

/** Returns the rule for one shell: an approval covers nothing else, and break-glass gives none. */
function approvalOfShell({ window: _window, breakGlass: _breakGlass, ...rule }: ApprovalRule): ApprovalRule {
  return rule
}

/** Returns true for a person whom the set lets run without approval, if they asked for that and gave a reason. */
function mayBreakGlass(request: AuthorizationRequest, { approval }: CapabilitySet): boolean {
  const { breakGlass, by } = request
  if (request.terminal !== undefined) return false
  const named = approval?.breakGlass !== undefined && isFor({ to: approval.breakGlass }, by)
  return breakGlass === true && hasReason(request) && named
}

/** Returns true when a valid grant of the person includes this target, so that its name may be shown to them. */
export function mayName(by: Principal, policy: Policy, named: NamedTarget, now: Instant): boolean {
  return policy.grants.some((grant) => isFor(grant, by) && !hasEnded(grant, now) && isOn(grant, named))
}

function getSets(grant: Grant, policy: Policy): readonly CapabilitySet[] {
  return policy.sets.filter((set) => grant.sets.includes(set.name))
}

/** Returns true when a grant names the person, by their id or one of their groups; display names never count. */
export function isFor(grant: Pick<Grant, 'to'>, by: Principal): boolean {
  return grant.to.some(
    (subject) => subject === '*' || subject === by.id || subject.toLowerCase() === by.id || by.groups.includes(subject),
  )
}

export function hasEnded(grant: Pick<Grant, 'until'>, now: Instant): boolean {
  return grant.until !== undefined && Date.parse(grant.until) <= Date.parse(now)
}

function isIn(grant: Pick<Grant, 'in'>, thread: ThreadRef): boolean {
  return grant.in === undefined || grant.in.some((pattern) => matchesName(pattern, channelText(thread)))
}

function isOn(grant: Pick<Grant, 'on'>, named: NamedTarget): boolean {
  return grant.on.some((pattern) => covers(pattern, named))
}

function covers(pattern: TargetPattern, { target, labels, namespaceLabels }: NamedTarget): boolean {
  if (!matchesName(pattern.cluster, target.cluster)) return false
  if (pattern.kind === 'node') return target.kind === 'node' && matchesObject(pattern.nodes, target.name, labels)
  if (target.kind !== 'pod' || !matchesObject(pattern.namespaces, target.namespace, namespaceLabels)) return false
  return pattern.pods === undefined || matchesObject(pattern.pods, target.name, labels)
}
