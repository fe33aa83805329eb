import { closest } from 'fastest-levenshtein'
import { type Capability, toCapability } from '#core/capability'
import type { CapabilitySet, Grant, ObjectPattern, Policy, TargetPattern } from '#core/policy'
import { parseLabels } from '#core/selector'
import type { Path } from './positions.ts'
import type { File } from './schema.ts'

/** Notes a mistake or a warning about what stands at a path. */
export type Note = (path: Path, message: string) => void

export type Names = { tools: readonly string[]; now: Date }

/** Sets and grants of a file whose form is right; names that are looked up in vain become mistakes. */
export function toPolicy(file: File, names: Names, mistake: Note, warning: Note): Policy {
  const sets = Object.entries(file.capabilitySets).map(([name, set]) => toSet(name, set, file, names, mistake, warning))
  const defaultCluster = (file.clusters.find((each) => each.default) ?? file.clusters[0])?.name ?? ''
  const grants = file.grants.map((grant, index) =>
    toGrant(grant, index, { file, defaultCluster, names, mistake, warning }),
  )
  return { sets, grants }
}

type FileSet = File['capabilitySets'][string]

function toSet(name: string, set: FileSet, file: File, names: Names, mistake: Note, warning: Note): CapabilitySet {
  const path = ['capabilitySets', name]
  for (const [index, tool] of set.tools.entries()) {
    const base = tool.split(' ')[0] ?? ''
    if (tool !== '*' && !names.tools.includes(base)) {
      mistake(
        [...path, 'tools', index],
        `there is no tool "${tool}"; did you mean "${closest(base, [...names.tools])}"?`,
      )
    }
  }
  const capabilities = set.capabilities.flatMap((word, index): Capability[] => {
    const capability = toCapability(word)
    if (capability !== undefined) return [capability]
    mistake([...path, 'capabilities', index], `there is no Linux capability "${word}"`)
    return []
  })
  const wide = capabilities.filter((each) => each === 'ALL' || each === 'SYS_ADMIN')
  if (wide.length > 0)
    warning([...path, 'capabilities'], `"${name}" gives ${wide.join(' and ')}: that is root on the node`)
  if (set.host.filesystem === 'read-write' && set.approval === undefined) {
    warning(path, `"${name}" lets people write to the node's disk without anybody's approval`)
  }
  if (set.host.filesystem === 'read-write' && set.effect === 'read') {
    mistake(path, `"${name}" mounts the node's disk writable, so it needs "effect: write"`)
  }
  if (set.approval !== undefined) checkApprovers(name, set.approval, file, mistake)
  const { approval, ...plain } = set
  return { name, ...plain, capabilities, ...(approval === undefined ? {} : { approval: toApproval(approval) }) }
}

function toApproval({ announce, ...rule }: NonNullable<FileSet['approval']>) {
  return { ...rule, ...(announce === undefined ? {} : { announce }) }
}

function checkApprovers(name: string, approval: NonNullable<FileSet['approval']>, file: File, mistake: Note): void {
  const path = ['capabilitySets', name, 'approval']
  checkSubjects(approval.from, [...path, 'from'], file, mistake)
  const members = new Set(approval.from.flatMap((subject) => membersOf(subject, file.groups)))
  // Members of a platform's own groups aren't known here; only where all are can they be counted.
  const countable = [...members].every((each) => !each.includes(':'))
  if (countable && members.size < approval.quorum) {
    mistake(path, `nobody could approve "${name}": ${approval.quorum} must agree, and ${members.size} can`)
  }
}

/** A subject, or the members of the group that it names, through groups in groups. */
function membersOf(subject: string, groups: File['groups'], seen: readonly string[] = []): string[] {
  if (!subject.startsWith('group:') || seen.includes(subject)) return seen.includes(subject) ? [] : [subject]
  const members = groups[subject.slice('group:'.length)] ?? []
  return members.flatMap((each) => membersOf(each, groups, [...seen, subject]))
}

const subjectForm = /^(\*|[^\s@:]+@[^\s@:]+|group:.+|(slack|teams|web|console):(user|usergroup|group|channel)\/\S+)$/

/** Each is a person, one of the file's groups, or a platform's own user or group. */
function checkSubjects(subjects: readonly string[], path: Path, file: File, mistake: Note): void {
  for (const [index, subject] of subjects.entries()) {
    const group = subject.startsWith('group:') ? subject.slice('group:'.length) : undefined
    if (!subjectForm.test(subject)) {
      mistake([...path, index], `"${subject}" names nobody; write an e-mail, group:NAME or slack:usergroup/ID`)
    } else if (group !== undefined && !Object.hasOwn(file.groups, group)) {
      mistake([...path, index], `there is no group "${group}"${nearest(group, Object.keys(file.groups))}`)
    }
  }
}

function nearest(word: string, known: readonly string[]): string {
  return known.length === 0 ? '' : `; did you mean "${closest(word, [...known])}"?`
}

type GrantHouse = { file: File; defaultCluster: string; names: Names; mistake: Note; warning: Note }

function toGrant(grant: File['grants'][number], index: number, house: GrantHouse): Grant {
  const { file, mistake, warning, names } = house
  const path = ['grants', index]
  checkSubjects(grant.to, [...path, 'to'], file, mistake)
  if (grant.to.includes('*')) warning([...path, 'to'], 'this grant is for everybody who can write to the bot')
  for (const [at, set] of grant.sets.entries()) {
    if (Object.hasOwn(file.capabilitySets, set)) continue
    mistake(
      [...path, 'sets', at],
      `there is no capability set "${set}"${nearest(set, Object.keys(file.capabilitySets))}`,
    )
  }
  const on = grant.on.flatMap((target, at) => toPattern(target, [...path, 'on', at], house))
  const until = grant.until === undefined ? undefined : new Date(grant.until)
  if (until !== undefined && Number.isNaN(until.getTime())) {
    mistake([...path, 'until'], `"${String(grant.until)}" is no point in time; write 2027-01-31T00:00:00Z`)
  } else if (until !== undefined && until < names.now) warning([...path, 'until'], 'this grant has ended already')
  return {
    id: `grants[${index}]`,
    to: grant.to,
    sets: grant.sets,
    on,
    ...(grant.in === undefined ? {} : { in: grant.in }),
    ...(until === undefined || Number.isNaN(until.getTime()) ? {} : { until: until.toISOString() }),
  }
}

type FileTarget = File['grants'][number]['on'][number]

function toPattern(target: FileTarget, path: Path, { file, defaultCluster, mistake }: GrantHouse): TargetPattern[] {
  const cluster = target.cluster ?? defaultCluster
  const known = file.clusters.map((each) => each.name)
  if (!cluster.includes('*') && !known.includes(cluster)) {
    mistake([...path, 'cluster'], `there is no cluster "${cluster}"${nearest(cluster, known)}`)
  }
  const object = (key: 'nodes' | 'namespaces' | 'pods') => toObject(target[key], [...path, key], mistake)
  const [nodes, namespaces, pods] = [object('nodes'), object('namespaces'), object('pods')]
  if (nodes !== undefined && namespaces === undefined && pods === undefined) return [{ kind: 'node', cluster, nodes }]
  if (namespaces !== undefined && nodes === undefined) {
    return [{ kind: 'pod', cluster, namespaces, ...(pods === undefined ? {} : { pods }) }]
  }
  mistake(path, 'say either "nodes", or "namespaces" (with "pods" if you like)')
  return []
}

function toObject(words: string | string[] | undefined, path: Path, mistake: Note): ObjectPattern | undefined {
  if (words === undefined) return undefined
  const list = typeof words === 'string' ? [words] : words
  const selectors = list.filter((word) => /[=!]|\s(in|notin)\s*\(/.test(word))
  if (selectors.length === 0) {
    const wrong = list.find((word) => !/^[a-z0-9.*-]+$/.test(word))
    if (wrong !== undefined) mistake(path, `"${wrong}" is neither a name (with *) nor a label selector (key=value)`)
    return { names: list }
  }
  if (selectors.length < list.length)
    mistake(path, 'names and label selectors can not stand in one list; use two entries of "on"')
  const labels = selectors.flatMap((word) => {
    const read = parseLabels(word)
    if ('labels' in read) return read.labels
    mistake(path, read.mistake)
    return []
  })
  return { labels }
}
