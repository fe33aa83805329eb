import { subjectPattern } from '#core/people/platforms'
import type { ApprovalRule } from '#core/policy/policy'
import { count } from '#core/util/units'
import type { Path } from '#src/yaml/positions'
import { nearest } from './did-you-mean.ts'
import type { File } from './schema.ts'

type Note = (path: Path, message: string) => void

/** Everybody, a person's e-mail address, a group of the file, or a sender of alerts that begins triage by itself. */
const ownSubjectPattern = /^(\*|[^\s@:]+@[^\s@:]+|group:.+|service:.+)$/

/** Reports subjects that are neither a person, a group of the file, nor a user, group or channel of a platform. */
export function checkSubjects(subjects: readonly string[], path: Path, file: File, mistake: Note): void {
  for (const [index, subject] of subjects.entries()) {
    const group = subject.startsWith('group:') ? subject.slice('group:'.length) : undefined
    const sender = subject.startsWith('service:') ? subject.slice('service:'.length) : undefined
    const senders = file.alerts?.senders ?? {}
    if (!ownSubjectPattern.test(subject) && !subjectPattern.test(subject)) {
      mistake(
        [...path, index],
        `"${subject}" is not a valid subject; use an e-mail address, group:NAME or slack:usergroup/ID`,
      )
    } else if (group !== undefined && !Object.hasOwn(file.groups, group)) {
      mistake([...path, index], `there is no group "${group}"${nearest(group, Object.keys(file.groups))}`)
    } else if (sender !== undefined && !Object.hasOwn(senders, sender)) {
      mistake([...path, index], `there is no sender "${sender}" in "alerts"${nearest(sender, Object.keys(senders))}`)
    }
  }
}

/** Reports an approval that nobody can give as a mistake, because nobody could use its set. */
export function checkApproval(name: string, approval: ApprovalRule, path: Path, file: File, mistake: Note): void {
  const { from, quorum, breakGlass } = approval
  checkSubjects(from, [...path, 'from'], file, mistake)
  if (typeof quorum !== 'number') checkSubjects(quorum, [...path, 'quorum'], file, mistake)
  if (breakGlass !== undefined) checkSubjects(breakGlass, [...path, 'breakGlass'], file, mistake)
  const required = typeof quorum === 'number' ? quorum : quorum.length
  const available = countPeople(typeof quorum === 'number' ? from : quorum, file)
  if (available < required)
    mistake(
      path,
      `"${name}" can never be approved: it needs ${count(required, 'approval')}, but has only ${count(available, 'approver')}`,
    )
  const empty = typeof quorum === 'number' ? [] : quorum.filter((subject) => countPeople([subject], file) === 0)
  if (empty.length > 0) mistake([...path, 'quorum'], `nobody can approve for ${empty.join(' and ')}`)
}

/** Counts the people of subjects; infinite with a platform's group or `*`, whose members aren't known here. */
function countPeople(subjects: readonly string[], file: File): number {
  const members = new Set(subjects.flatMap((subject) => expandMembers(subject, file.groups)))
  const countable = [...members].every((each) => !each.includes(':') && each !== '*')
  return countable ? members.size : Number.POSITIVE_INFINITY
}

/** Returns the subject itself, or the members of the group that it names; nested groups are expanded. */
function expandMembers(subject: string, groups: File['groups'], seen: readonly string[] = []): string[] {
  if (!subject.startsWith('group:')) return [subject]
  if (seen.includes(subject)) return []
  const members = groups[subject.slice('group:'.length)] ?? []
  return members.flatMap((each) => expandMembers(each, groups, [...seen, subject]))
}
