import type { Labels } from './target.ts'

/** Objects that pods belong to, with the words that people type for them; the first is the short one of kubectl. */
const kinds = {
  Deployment: ['deploy', 'deployment', 'deployments'],
  StatefulSet: ['sts', 'statefulset', 'statefulsets'],
  DaemonSet: ['ds', 'daemonset', 'daemonsets'],
  ReplicaSet: ['rs', 'replicaset', 'replicasets'],
  Job: ['job', 'jobs'],
  CronJob: ['cj', 'cronjob', 'cronjobs'],
  Service: ['svc', 'service', 'services'],
} as const

export type OwnerKind = keyof typeof kinds

/** Object whose pods are targets: `deploy/web`. */
export type Owner = { kind: OwnerKind; name: string }

const kindByWord: ReadonlyMap<string, OwnerKind> = new Map(
  Object.entries(kinds).flatMap(([kind, words]) => words.map((word) => [word, kind as OwnerKind] as const)),
)

/** Returns the kind of owner that a word names, also in plural, in short form or with its group (`deployments.apps`). */
export function ownerKindOf(word: string): OwnerKind | undefined {
  return kindByWord.get(word.toLowerCase().replace(/\.(?:apps|batch)$/, ''))
}

/** All words that name a kind of owner. */
export const ownerWords: readonly string[] = [...kindByWord.keys()]

/** Returns an owner as people type it: `deploy/web`. */
export function ownerText({ kind, name }: Owner): string {
  return `${kinds[kind][0]}/${name}`
}

/** Pod as far as its owner is concerned. `controller`: what made it, by its own metadata. */
type Owned = { labels: Labels; controller?: { kind: string; name: string } }

/**
 * Returns true for a pod of an owner. `selector`: that of a service, which owns no pods. A deployment and a cron job make
 * what makes the pods: its name begins with theirs. Source: Kubernetes, "Deployments" (pod-template-hash), "CronJob".
 */
export function isPodOf({ labels, controller }: Owned, owner: Owner, selector: Labels | undefined): boolean {
  if (owner.kind === 'Service') {
    const wanted = Object.entries(selector ?? {})
    return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value)
  }
  if (controller === undefined) return false
  const { kind, name } = controller
  if (owner.kind === 'Deployment')
    return kind === 'ReplicaSet' && name === `${owner.name}-${labels['pod-template-hash']}`
  if (owner.kind === 'CronJob')
    return kind === 'Job' && name.startsWith(`${owner.name}-`) && /^\d+$/.test(name.slice(owner.name.length + 1))
  return kind === owner.kind && name === owner.name
}
