import type { Playbook, Playbooks } from '#core/triage/playbook'

/** Returns the playbooks whose patterns match the name of an alert; `*` stands for any characters. */
export function playbooksOfAlert(name: string, playbooks: Playbooks): readonly Playbook[] {
  return [...playbooks.values()].filter(({ alerts }) => alerts.some((pattern) => matches(name, pattern)))
}

/** Compares without an expression: a pattern of many stars takes no more than linear time. */
function matches(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return name === pattern
  const last = rest.pop() ?? ''
  if (!name.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return name.length - last.length >= at && name.endsWith(last)
}
