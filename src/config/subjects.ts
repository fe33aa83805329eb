import type { ApprovalRule } from '#core/policy/policy'
import { nearest } from './did-you-mean.ts'
import type { Path } from './positions.ts'
import type { File } from './schema.ts'

type Note = (path: Path, message: string) => void

const subjectForm = /^(\*|[^\s@:]+@[^\s@:]+|group:.+|(slack|teams|web|console):(user|usergroup|group|channel)\/\S+)$/

/** Each is a person, one of the file's groups, or a platform's own user or group. */
export function checkSubjects(subjects: readonly string[], path: Path, file: File, mistake: Note): void {
  for (const [index, subject] of subjects.entries()) {
    const group = subject.startsWith('group:') ? subject.slice('group:'.length) : undefined
    if (!subjectForm.test(subject)) {
      mistake([...path, index], `"${subject}" names nobody; write an e-mail, group:NAME or slack:usergroup/ID`)
    } else if (group !== undefined && !Object.hasOwn(file.groups, group)) {
      mistake([...path, index], `there is no group "${group}"${nearest(group, Object.keys(file.groups))}`)
    }
  }
}

/** An approval that nobody can give is a mistake: the set would be one that nobody has. */
export function checkApproval(name: string, approval: ApprovalRule, path: Path, file: File, mistake: Note): void {
  const { from, quorum, breakGlass } = approval
  checkSubjects(from, [...path, 'from'], file, mistake)
  if (typeof quorum !== 'number') checkSubjects(quorum, [...path, 'quorum'], file, mistake)
  if (breakGlass !== undefined) checkSubjects(breakGlass, [...path, 'breakGlass'], file, mistake)
  const wanted = typeof quorum === 'number' ? quorum : quorum.length
  const can = countOf(typeof quorum === 'number' ? from : quorum, file)
  if (can < wanted) mistake(path, `nobody could approve "${name}": ${wanted} must agree, and ${can} can`)
  const empty = typeof quorum === 'number' ? [] : quorum.filter((subject) => countOf([subject], file) === 0)
  if (empty.length > 0) mistake([...path, 'quorum'], `nobody stands for ${empty.join(' and ')}`)
}

/** How many people these are. Members of a platform's own groups aren't known here: then any number. */
function countOf(subjects: readonly string[], file: File): number {
  const members = new Set(subjects.flatMap((subject) => membersOf(subject, file.groups)))
  const countable = [...members].every((each) => !each.includes(':') && each !== '*')
  return countable ? members.size : Number.POSITIVE_INFINITY
}

/** A subject, or the members of the group that it names, through groups in groups. */
function membersOf(subject: string, groups: File['groups'], seen: readonly string[] = []): string[] {
  if (!subject.startsWith('group:')) return [subject]
  if (seen.includes(subject)) return []
  const members = groups[subject.slice('group:'.length)] ?? []
  return members.flatMap((each) => membersOf(each, groups, [...seen, subject]))
}
