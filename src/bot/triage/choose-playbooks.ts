import type { Playbook, Playbooks } from '#core/triage/playbook'

/** Playbooks that run where none is named, by the kind of the target. */
const usual: Readonly<Record<'node' | 'pod', readonly string[]>> = {
  node: ['node-network', 'node-health', 'dns'],
  pod: ['pod-connectivity', 'dns', 'node-network', 'node-health'],
}

/** Returns the playbooks with these names, or the usual ones of a kind of target; else what is wrong with the names. */
export function choosePlaybooks(
  all: Playbooks,
  names: readonly string[],
  kind: 'node' | 'pod',
): readonly Playbook[] | { message: string } {
  const chosen = names.length > 0 ? names : usual[kind]
  if (chosen.includes('everything')) return [...all.values()]
  const unknown = chosen.find((name) => !all.has(name))
  if (unknown !== undefined)
    return { message: `There is no playbook "${unknown}". There are ${[...all.keys()].join(', ')}, and everything.` }
  return chosen.flatMap((name) => all.get(name) ?? [])
}
