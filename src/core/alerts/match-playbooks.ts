import { matchesName } from '#core/request/selector'
import type { Playbook, Playbooks } from '#core/triage/playbook'

/** Returns the playbooks whose patterns match the name of an alert; `*` stands for any characters. */
export function playbooksOfAlert(name: string, playbooks: Playbooks): readonly Playbook[] {
  return [...playbooks.values()].filter(({ alerts }) => alerts.some((pattern) => matchesName(pattern, name)))
}
