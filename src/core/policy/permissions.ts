import type { Principal } from '#core/people/principal'
import { labelsText, type ObjectPattern } from '#core/request/selector'
import type { Instant } from '#core/util/instant'
import { hasEnded, isFor } from './authorize.ts'
import type { CapabilitySet, Policy, TargetPattern } from './policy.ts'

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

/** Returns what a person may currently do. */
export function permissionsOf(by: Principal, policy: Policy, now: Instant): readonly Permission[] {
  return policy.grants
    .filter((grant) => isFor(grant, by) && !hasEnded(grant, now))
    .flatMap((grant) =>
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
  const names = policy.grants.filter((grant) => isFor(grant, by) && !hasEnded(grant, now)).flatMap(({ sets }) => sets)
  return policy.sets.some(({ name, terminal }) => terminal !== undefined && names.includes(name))
}

/** Returns the names of the tools that the person's valid grants give on any target; `*` stands for all tools. */
export function toolsOf(by: Principal, policy: Policy, now: Instant): ReadonlySet<string> {
  const names = policy.grants.filter((grant) => isFor(grant, by) && !hasEnded(grant, now)).flatMap(({ sets }) => sets)
  return new Set(policy.sets.filter(({ name }) => names.includes(name)).flatMap(({ tools }) => tools))
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
