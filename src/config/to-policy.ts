import type { Grant, Policy, TargetPattern } from '#core/policy/policy'
import { type ObjectPattern, parseLabels } from '#core/request/selector'
import { defined } from '#core/util/defined'
import type { Note, Path } from '#src/yaml/positions'
import { type Names, toSets } from './capability-sets.ts'
import { checkSubjects } from './check-subjects.ts'
import { nearest } from './did-you-mean.ts'
import type { File } from './schema.ts'

/** Converts a file that matches the schema to sets and grants. Reports names that don't exist as mistakes. */
export function toPolicy(file: File, names: Names, mistake: Note, warning: Note): Policy {
  const sets = toSets({ file, names, mistake, warning })
  const defaultCluster = (file.clusters.find((each) => each.default) ?? file.clusters[0])?.name ?? ''
  const grants = file.grants.map((grant, index) =>
    toGrant(grant, index, { file, defaultCluster, names, mistake, warning }),
  )
  return { sets, grants }
}

type GrantContext = { file: File; defaultCluster: string; names: Names; mistake: Note; warning: Note }

function toGrant(grant: File['grants'][number], index: number, context: GrantContext): Grant {
  const { file, mistake, warning, names } = context
  const path = ['grants', index]
  checkSubjects(grant.to, [...path, 'to'], file, mistake)
  if (grant.to.includes('*')) warning([...path, 'to'], 'this grant applies to everybody who can message the bot')
  for (const [at, set] of grant.sets.entries()) {
    if (Object.hasOwn(file.capabilitySets, set)) continue
    mistake(
      [...path, 'sets', at],
      `there is no capability set "${set}"${nearest(set, Object.keys(file.capabilitySets))}`,
    )
  }
  const on = grant.on.flatMap((target, at) => toPattern(target, [...path, 'on', at], context))
  const until = grant.until === undefined ? undefined : new Date(grant.until)
  if (until !== undefined && Number.isNaN(until.getTime())) {
    mistake([...path, 'until'], `"${String(grant.until)}" is not a valid time; use 2027-01-31T00:00:00Z`)
  } else if (until !== undefined && until < names.now) warning([...path, 'until'], 'this grant has already ended')
  return {
    id: `grants[${index}]`,
    to: grant.to,
    sets: grant.sets,
    on,
    ...defined({ in: grant.in }),
    ...(until === undefined || Number.isNaN(until.getTime()) ? {} : { until: until.toISOString() }),
  }
}

type FileTarget = File['grants'][number]['on'][number]

function toPattern(target: FileTarget, path: Path, { file, defaultCluster, mistake }: GrantContext): TargetPattern[] {
  const cluster = target.cluster ?? defaultCluster
  const known = file.clusters.map((each) => each.name)
  if (!cluster.includes('*') && !known.includes(cluster)) {
    mistake([...path, 'cluster'], `there is no cluster "${cluster}"${nearest(cluster, known)}`)
  }
  const object = (key: 'nodes' | 'namespaces' | 'pods') => toObject(target[key], [...path, key], mistake)
  const [nodes, namespaces, pods] = [object('nodes'), object('namespaces'), object('pods')]
  if (nodes !== undefined && namespaces === undefined && pods === undefined) return [{ kind: 'node', cluster, nodes }]
  if (namespaces !== undefined && nodes === undefined) {
    return [{ kind: 'pod', cluster, namespaces, ...defined({ pods }) }]
  }
  mistake(path, 'use either "nodes" or "namespaces" (optionally with "pods")')
  return []
}

function toObject(texts: string | string[] | undefined, path: Path, mistake: Note): ObjectPattern | undefined {
  if (texts === undefined) return undefined
  const list = typeof texts === 'string' ? [texts] : texts
  const selectors = list.filter((text) => /[=!]|\s(in|notin)\s*\(/.test(text))
  if (selectors.length === 0) {
    const invalid = list.find((text) => !/^[a-z0-9.*-]+$/.test(text))
    if (invalid !== undefined) mistake(path, `"${invalid}" is neither a name (with *) nor a label selector (key=value)`)
    return { names: list }
  }
  if (selectors.length < list.length)
    mistake(path, 'names and label selectors cannot be in the same list; use two entries of "on"')
  const labels = selectors.flatMap((text) => {
    const read = parseLabels(text)
    if ('labels' in read) return read.labels
    mistake(path, read.mistake)
    return []
  })
  return { labels }
}
