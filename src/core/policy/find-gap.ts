import { capabilitiesBeyond } from '#core/request/capability'
import { isHost, matchesDestination } from '#core/request/match-destination'
import type { ShellRequest, ToolRequest } from '#core/request/request'
import { matchesName } from '#core/request/selector'
import { isMoreAccess } from '#core/request/tool'
import { shellPowersOf, shellPowerText } from '#core/terminal/shell-powers'
import type { CapabilitySet, DenyReason } from './policy.ts'

/** Part of a request that a capability set has to cover. */
export type CoveredRequest = Pick<ToolRequest, 'pipeline' | 'needs' | 'image' | 'deadline' | 'destinations'> &
  Partial<Pick<ToolRequest, 'terminal' | 'target' | 'facts'>>
type CoveredShell = Pick<
  ToolRequest,
  'pipeline' | 'needs' | 'image' | 'deadline' | 'destinations' | 'target' | 'facts'
> & {
  terminal: ShellRequest
}

/** Why a set doesn't cover a request. */
export type CoverageGap = { reason: DenyReason; message: string }

/** Checks, in the order in which gaps are reported to the person: the tool first, its needs afterwards. */
const checks: readonly ((asked: CoveredRequest, set: CapabilitySet) => CoverageGap | undefined)[] = [
  findToolGap,
  findSpecialArgumentGap,
  findCapabilityGap,
  findHostGap,
  findEffectGap,
  findConfinementGap,
  findImageGap,
  findDeadlineGap,
  findDestinationGap,
  findDetourGap,
]

/** Checks of a request for a shell, in the same order. Its command lines aren't judged: what its container can do is. */
const shellChecks: readonly ((asked: CoveredShell, set: CapabilitySet) => CoverageGap | undefined)[] = [
  findNamedSetGap,
  findShellGap,
  findCapabilityGap,
  findHostGap,
  findConfinementGap,
  findImageGap,
  findUnapprovedShellGap,
]

/**
 * Returns the first gap between a request and a set, and the number of checks that passed, by which the nearest set is
 * found; undefined when the set covers the whole request.
 */
export function findGap(request: CoveredRequest, set: CapabilitySet): { gap: CoverageGap; passed: number } | undefined {
  const { terminal, target, facts } = request
  if (terminal === undefined || target === undefined || facts === undefined) return findFirst(checks, request, set)
  return findFirst(shellChecks, { ...request, terminal, target, facts }, set)
}

function findFirst<R>(
  list: readonly ((asked: R, set: CapabilitySet) => CoverageGap | undefined)[],
  request: R,
  set: CapabilitySet,
): { gap: CoverageGap; passed: number } | undefined {
  for (const [passed, check] of list.entries()) {
    const gap = check(request, set)
    if (gap !== undefined) return { gap, passed }
  }
  return undefined
}

function findToolGap({ pipeline }: CoveredRequest, set: CapabilitySet): CoverageGap | undefined {
  for (const stage of pipeline) {
    for (const tool of stage.tools) {
      const named = set.tools.includes(tool) || isListed(stage, set)
      if (named || set.tools.includes('*')) continue
      const unknown = stage.known ? '' : ' (it is not in the catalogue, so only a set with "*" has it)'
      return { reason: 'tool', message: `"${set.name}" does not have the tool ${tool}${unknown}` }
    }
  }
  return undefined
}

/** Returns true where a set lists the whole command, such as `cat /proc/net/sockstat`: then it has it, and no other one of that tool. */
function isListed({ given }: CoveredRequest['pipeline'][number], { tools }: CapabilitySet): boolean {
  const isPlain = given.every((word) => /^\S+$/.test(word)) && given.at(-1)?.startsWith('/') === true
  return given.length > 1 && isPlain && tools.includes(given.join(' '))
}

function findSpecialArgumentGap({ pipeline }: CoveredRequest, set: CapabilitySet): CoverageGap | undefined {
  // "*" grants every tool, but not the arguments that make a tool run something else: a set has to name those.
  const missing = pipeline.flatMap((stage) => stage.special).find((each) => !set.tools.includes(each.name))
  return missing === undefined
    ? undefined
    : { reason: 'special-argument', message: `"${set.name}" does not list "${missing.name}": ${missing.why}` }
}

function findCapabilityGap({ needs }: CoveredRequest, set: CapabilitySet): CoverageGap | undefined {
  const missing = capabilitiesBeyond(needs.capabilities, set.capabilities)
  return missing.length === 0
    ? undefined
    : { reason: 'capabilities', message: `"${set.name}" does not give ${missing.join(', ')}` }
}

function findHostGap({ needs }: CoveredRequest, set: CapabilitySet): CoverageGap | undefined {
  if (isMoreAccess(needs.host.filesystem, set.host.filesystem)) {
    const has = set.host.filesystem === 'none' ? 'no access' : `${set.host.filesystem} access`
    const message = `"${set.name}" gives ${has} to the node's file system, but ${needs.host.filesystem} was requested`
    return { reason: 'host', message }
  }
  return needs.host.pid && !set.host.pid
    ? { reason: 'host', message: `"${set.name}" does not give access to the node's processes (host PID)` }
    : undefined
}

function findEffectGap({ needs }: CoveredRequest, set: CapabilitySet): CoverageGap | undefined {
  return needs.effect === 'write' && set.effect === 'read'
    ? { reason: 'effect', message: `"${set.name}" is read-only, and this may change the target` }
    : undefined
}

function findConfinementGap({ needs }: CoveredRequest, set: CapabilitySet): CoverageGap | undefined {
  const unconfined = (['apparmor', 'seccomp'] as const).filter((each) => needs.confinement[each] === 'unconfined')
  const missing = unconfined.filter((each) => !set.unconfined.includes(each))
  return missing.length === 0
    ? undefined
    : { reason: 'confinement', message: `"${set.name}" does not allow ${missing.join(' and ')} to be switched off` }
}

function findImageGap({ image }: CoveredRequest, set: CapabilitySet): CoverageGap | undefined {
  return image === undefined || set.images.some((pattern) => matchesName(pattern, image))
    ? undefined
    : { reason: 'image', message: `"${set.name}" does not allow the image ${image}` }
}

function findDeadlineGap({ deadline }: CoveredRequest, set: CapabilitySet): CoverageGap | undefined {
  return deadline === undefined || deadline <= set.maxDeadline
    ? undefined
    : {
        reason: 'deadline',
        message: `"${set.name}" lets a tool run for at most ${set.maxDeadline} s, but ${deadline} s were requested`,
      }
}

function findDestinationGap({ destinations }: CoveredRequest, set: CapabilitySet): CoverageGap | undefined {
  for (const destination of destinations) {
    const denied = set.deny.find((each) => isHost(destination, each))
    const doubtful = denied === undefined && set.deny.some((each) => matchesDestination(destination, each))
    if (denied === undefined && !doubtful) continue
    const { word, unresolved, why = unresolved ?? 'it may stand for several hosts' } = destination
    const message =
      denied === undefined
        ? `"${set.name}" denies some hosts, and it can't be determined where ${word} leads: ${why}`
        : `"${set.name}" does not allow connections to ${word === denied.text ? word : `${word} (that is ${denied.text})`}`
    return { reason: 'destination', message }
  }
  return undefined
}

function findDetourGap({ pipeline }: CoveredRequest, set: CapabilitySet): CoverageGap | undefined {
  if (set.deny.length === 0) return undefined
  const missing = pipeline.flatMap(({ detours = [] }) => detours).find(({ name }) => !set.tools.includes(name))
  if (missing === undefined) return undefined
  const message = `"${set.name}" keeps its tools away from some hosts; ${missing.name} is not named in it: ${missing.why}`
  return { reason: 'special-argument', message }
}

function findNamedSetGap({ terminal }: CoveredShell, set: CapabilitySet): CoverageGap | undefined {
  return terminal.set === undefined || terminal.set === set.name
    ? undefined
    : { reason: 'no-shell', message: `you have no set "${terminal.set}" here that gives a shell` }
}

function findShellGap(_asked: CoveredShell, set: CapabilitySet): CoverageGap | undefined {
  return set.terminal === undefined
    ? { reason: 'no-shell', message: `"${set.name}" gives no shell ("terminal: shell")` }
    : undefined
}

/** A powerful shell needs the approval of its set, or the owner's written word that it needs none. */
function findUnapprovedShellGap(asked: CoveredShell, set: CapabilitySet): CoverageGap | undefined {
  if (set.approval !== undefined || set.terminal?.unapproved === true) return undefined
  const [power] = shellPowersOf(asked, set)
  if (power === undefined) return undefined
  const node = asked.facts.node || 'the node'
  const wayOut = power === 'denied' ? '"approval" or "deny: unenforced"' : '"approval", or "approval: none"'
  const message = `a shell of "${set.name}" here can ${shellPowerText(power, asked, node)}; the owner of the policy has to write ${wayOut} into the set`
  return { reason: 'unapproved-shell', message }
}
