import { notifiedPattern } from '#core/people/platforms'
import type { Known } from '#core/people/to-principal'
import type { Subject } from '#core/policy/policy'

/** Maximum number of accounts and groups that one message mentions. */
const maxMentions = 10

/**
 * Returns the accounts and user groups of subjects, for messages that notify them. An e-mail address is one only where
 * the owner's file says which accounts it has; others read the channel.
 */
export function mentionsOf(subjects: readonly Subject[], { groups, people }: Known): readonly string[] {
  const found = new Set<string>()
  const seen = new Set<string>()
  const left = [...subjects]
  for (let subject = left.shift(); subject !== undefined; subject = left.shift()) {
    if (seen.has(subject)) continue
    seen.add(subject)
    if (notifiedPattern.test(subject)) found.add(subject)
    else if (subject.startsWith('group:')) left.push(...(groups[subject.slice('group:'.length)] ?? []))
    else left.push(...(people[subject.toLowerCase()] ?? people[subject] ?? []))
  }
  return [...found].slice(0, maxMentions)
}
