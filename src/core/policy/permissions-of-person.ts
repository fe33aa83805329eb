import type { Principal } from '#core/people/principal'
import { labelsText, type ObjectPattern } from '#core/request/selector'
import type { Instant } from '#core/util/instant'
import { hasEnded, isFor } from './authorize.ts'
import type { CapabilitySet, Grant, Policy, TargetPattern } from './policy.ts'

/** What an interactive shell is called in the list of tools, and in menus that are made of it: no tool has this name. */
export const interactiveShell = 'shell'

/** One granted set of a person, as text. */
export type Permission = {
  set: string
  tools: string
  powers: string
  targets: string
  channels: string
  until: string
}

/** Returns the grants that a person has now. */
export function validGrants(by: Principal, policy: Policy, now: Instant): readonly Grant[] {
  return policy.grants.filter((grant) => isFor(grant, by) && !hasEnded(grant, now))
}

/** Returns the capability sets that a person's valid grants give on any target. */
export function grantedSets(by: Principal, policy: Policy, now: Instant): readonly CapabilitySet[] {
  const names = new Set(validGrants(by, policy, now).flatMap(({ sets }) => sets))
  return policy.sets.filter(({ name }) => names.has(name))
}

/** Returns what a person may currently do. */
export function permissionsOf(by: Principal, policy: Policy, now: Instant): readonly Permission[] {
  return validGrants(by, policy, now).flatMap((grant) =>
    grant.sets.map((name) => {
      const set = policy.sets.find((each) => each.name === name)
      return {
        set: set?.approval === undefined ? name : `${name} (after approval)`,
        tools: set?.tools.join(', ') ?? '',
        powers: set === undefined ? '' : formatPowers(set),
        targets: grant.on.map(formatPattern).join('; '),
        channels: grant.in?.join(', ') ?? 'everywhere',
        until: grant.until ?? '',
      }
    }),
  )
}

/** Returns true where a valid grant gives the person interactive shells on any target. */
export function hasShells(by: Principal, policy: Policy, now: Instant): boolean {
  return grantedSets(by, policy, now).some(({ terminal }) => terminal !== undefined)
}

/** Returns the names of the tools that the person's valid grants give on any target; `*` stands for all tools. */
export function toolsOf(by: Principal, policy: Policy, now: Instant): ReadonlySet<string> {
  return new Set(grantedSets(by, policy, now).flatMap(({ tools }) => tools))
}

/**
 * Returns what a set gives besides its tools: "may change the target; SYS_CHROOT; the node's disk, read-only; the
 * node's processes".
 */
function formatPowers({ effect, capabilities, host, deny }: CapabilitySet): string {
  return [
    effect === 'write' ? 'may change the target' : 'reads only',
    ...(capabilities.length === 0 ? [] : [capabilities.join(', ')]),
    ...(host.filesystem === 'none' ? [] : [`the node's disk, ${host.filesystem}`]),
    ...(host.pid ? ["the node's processes"] : []),
    ...(deny.length === 0 ? [] : [`not to ${deny.map(({ text }) => text).join(', ')}`]),
  ].join('; ')
}

function formatPattern(pattern: TargetPattern): string {
  const what =
    pattern.kind === 'node'
      ? `nodes ${formatObject(pattern.nodes)}`
      : `namespaces ${formatObject(pattern.namespaces)}${pattern.pods === undefined ? '' : `, pods ${formatObject(pattern.pods)}`}`
  return `${pattern.cluster}: ${what}`
}

function formatObject(pattern: ObjectPattern): string {
  return 'names' in pattern ? pattern.names.join(', ') : labelsText(pattern.labels)
}
