import type { Playbook, Playbooks } from '#core/triage/playbook'
import { defined } from '#core/util/defined'
import { nearest } from '#src/command/misunderstood'

/** Kinds of targets. */
export type TriageKind = 'node' | 'pod' | 'service'

/** Playbooks that run where none is named, by the kind of the target. */
const usual: Readonly<Record<TriageKind, readonly string[]>> = {
  node: ['node-network', 'node-health', 'dns'],
  pod: ['pod-connectivity', 'dns', 'node-network', 'node-health'],
  service: ['service', 'pod-connectivity'],
}

/** Word that means all playbooks. */
const everything = 'everything'

/** Why names mean no playbooks. `nearest`: the name that was probably meant. */
export type UnknownPlaybook = { message: string; unknown: string; nearest?: string }

/**
 * Returns the playbooks with these names, or the usual ones of a kind of target, after that of the Service `to` which it has to reach;
 * else which name is unknown.
 */
export function choosePlaybooks(
  all: Playbooks,
  names: readonly string[],
  kind: TriageKind,
  to?: 'service',
): readonly Playbook[] | UnknownPlaybook {
  const chosen = [...new Set(names.length > 0 ? names : [...(to === undefined ? [] : [to]), ...usual[kind]])]
  const known = [...all.keys()]
  const unknown = chosen.find((name) => name !== everything && !all.has(name))
  if (unknown !== undefined) {
    const message = `There is no playbook "${unknown}". There are ${known.join(', ')}, and ${everything}.`
    return { message, unknown, ...defined({ nearest: nearest(unknown, [...known, everything]) }) }
  }
  if (chosen.includes(everything)) return [...all.values()]
  return chosen.flatMap((name) => all.get(name) ?? [])
}
