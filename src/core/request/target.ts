/** A node of a cluster; the tool runs in the node's own network namespace. */
export type NodeTarget = { kind: 'node'; cluster: string; name: string }

/** A pod; the tool runs in the pod's network namespace. `container` is the one whose processes are looked at. */
export type PodTarget = { kind: 'pod'; cluster: string; namespace: string; name: string; container?: string }

export type Target = NodeTarget | PodTarget

export type Labels = Readonly<Record<string, string>>

/** What the cluster says of a target and the policy may ask about. `uid` is the object's own, so that a namesake made later is another. */
export type TargetFacts = {
  uid: string
  node: string
  os: 'linux' | 'windows'
  labels: Labels
  namespaceLabels: Labels
}

const dns1123Subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** Names of nodes, pods and namespaces: at most 253 characters, lower case. Source: Kubernetes, "Object Names and IDs". */
export function isObjectName(word: string): boolean {
  return word.length <= 253 && dns1123Subdomain.test(word)
}

/** Names of namespaces and containers: DNS labels, at most 63 characters, without dots. Source: RFC 1123. */
export function isLabelName(word: string): boolean {
  return isObjectName(word) && !word.includes('.') && word.length <= 63
}

/** A target as people read and type it: `node/node001`, `-n shop pod/web-1`. */
export function targetText(target: Target): string {
  return target.kind === 'node' ? `node/${target.name}` : `-n ${target.namespace} pod/${target.name}`
}

/** What a cluster lists. */
export type NodeInfo = {
  uid: string
  name: string
  ready: boolean
  os: string
  version: string
  labels: Readonly<Record<string, string>>
}
export type PodInfo = {
  uid: string
  namespaceLabels: Readonly<Record<string, string>>
  namespace: string
  name: string
  phase: string
  node: string
  labels: Readonly<Record<string, string>>
}

/** Why a target can't be worked on, in one sentence for the person. */
export type TargetProblem = {
  problem: 'missing' | 'windows' | 'forbidden' | 'not-running' | 'unreachable'
  message: string
}
