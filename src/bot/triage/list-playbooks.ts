import type { Message } from '#core/messages/message'
import type { Playbooks } from '#core/triage/playbook'

/** Lists the playbooks with what they are for. */
export function listPlaybooks(playbooks: Playbooks): Message {
  return {
    kind: 'listing',
    title: 'Playbooks of triage',
    columns: ['name', 'for', 'checks', 'from', 'question'],
    rows: [...playbooks.values()].map(({ name, for: kind, checks, source = 'shipped', title }) => [
      name,
      kind,
      String(checks.length),
      source,
      title,
    ]),
    note: '`triage TARGET NAME…` runs the checks of these; without a name, those that are usual for the target; everything is all of them.',
  }
}
