import { type AuthorizationRequest, authorize } from '#core/policy/authorize'
import type { CapabilitySet, Decision, Policy } from '#core/policy/policy'
import { type Needs, noNeeds } from '#core/request/tool'
import { defined } from '#core/util/defined'
import type { Instant } from '#core/util/instant'
import { shellPowersOf } from './shell-powers.ts'

/** Request for a shell, before it is known which set gives it. `needs`: what the person asked for by flags. */
export type AskedShell = Omit<AuthorizationRequest, 'needs' | 'terminal' | 'deadline'> & { needs?: Needs; set?: string }

/**
 * Choice of the set that gives a shell, with what the shell has. `several`: sets that all need approval, of which the person has to name one.
 * `more`: further sets that would give a shell here.
 */
export type ShellChoice = {
  decision: Decision
  needs: Needs
  set?: string
  maxSession: number
  several: readonly string[]
  more: readonly string[]
}

type Candidate = { set: CapabilitySet; needs: Needs; decision: Decision }

/** Returns the needs of a shell that has all rights of its set. A pod has no access to its node's disk and processes. */
export function shellNeedsOf(
  { capabilities, host }: Pick<CapabilitySet, 'capabilities' | 'host'>,
  on: 'node' | 'pod',
): Needs {
  const given = on === 'node' ? host : noNeeds.host
  const isRoot = capabilities.length > 0 || given.filesystem !== 'none' || given.pid
  return { ...noNeeds, capabilities: [...capabilities].sort(), host: given, user: isRoot ? 'root' : 'nonroot' }
}

/**
 * Chooses the set for a shell: the strongest of those that need no approval, else the only one that needs it. A named set, or needs by flags,
 * narrow the choice. Pure and total.
 */
export function chooseShell(asked: AskedShell, policy: Policy, now: Instant): ShellChoice {
  const candidates = policy.sets
    .filter(({ name, terminal }) => terminal !== undefined && (asked.set === undefined || asked.set === name))
    .map((set): Candidate => {
      const needs = withEffect(asked, set, asked.needs ?? shellNeedsOf(set, asked.target.kind))
      return { set, needs, decision: authorize({ ...asked, needs, terminal: { set: set.name } }, policy, now) }
    })
  const free = candidates.filter(({ decision }) => decision.effect === 'allow').sort(byStrength)
  const approved = candidates.filter(({ decision }) => decision.effect === 'ask')
  const [best] = free.length > 0 ? free : approved
  if (best === undefined) return denied(asked, candidates, policy, now)
  const isOpen = free.length === 0 && approved.length > 1
  const more = [...free, ...approved].filter(({ set }) => set !== best.set).map(({ set }) => set.name)
  return {
    ...{ decision: best.decision, needs: best.needs, set: best.set.name, more },
    maxSession: best.set.terminal?.maxSession ?? 0,
    several: isOpen ? approved.map(({ set }) => set.name) : [],
  }
}

/** A shell that can become root, or change a network, counts as changing its target. */
function withEffect({ target, facts }: AskedShell, set: CapabilitySet, needs: Needs): Needs {
  const changes = shellPowersOf({ target, facts, needs }, set).some((power) => power !== 'denied')
  return { ...needs, effect: changes ? 'write' : 'read' }
}

/** Orders by how much a shell may do, the most powerful first; the order of the policy decides between equals. */
function byStrength(one: Candidate, other: Candidate): number {
  return strengthOf(other) - strengthOf(one)
}

function strengthOf({ needs }: Candidate): number {
  const disk = { none: 0, 'read-only': 100, 'read-write': 200 }[needs.host.filesystem]
  const changes = needs.effect === 'write' ? 45 : 0
  return disk + (needs.host.pid ? 50 : 0) + changes + needs.capabilities.length
}

function denied(asked: AskedShell, candidates: readonly Candidate[], policy: Policy, now: Instant): ShellChoice {
  const needs = asked.needs ?? noNeeds
  const terminal = defined({ set: asked.set })
  const denials = candidates.flatMap(({ decision }) => (decision.effect === 'deny' ? [decision] : []))
  const nearest = denials.find(({ reason }) => reason !== 'no-grant' && reason !== 'no-shell')
  const decision = nearest ?? authorize({ ...asked, needs, terminal }, policy, now)
  const wouldNeed = [...new Set(denials.flatMap((each) => each.wouldNeed))]
  const all = decision.effect === 'deny' ? { ...decision, wouldNeed } : decision
  return { decision: all, needs, maxSession: 0, several: [], more: [] }
}
