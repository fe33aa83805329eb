import type { NodeAccess, PodAccess } from './node-access-through-pod.ts'

/** Node of a cluster; the tool runs in the node's own network namespace. */
export type NodeTarget = { kind: 'node'; cluster: string; name: string }

/** Pod; the tool runs in the pod's network namespace. `container` is the one whose processes are inspected. */
export type PodTarget = { kind: 'pod'; cluster: string; namespace: string; name: string; container?: string }

export type Target = NodeTarget | PodTarget

export type Labels = Readonly<Record<string, string>>

/**
 * Data of a target from the cluster that the policy may use. `uid` is the Kubernetes UID, so that a later object with
 * the same name is a different target.
 */
export type TargetFacts = {
  uid: string
  node: string
  os: 'linux' | 'windows'
  labels: Labels
  namespaceLabels: Labels
  /** For a node: its operating system, as its kubelet reports it (`Talos (v1.11.2)`). */
  osImage?: string
  /** For a pod: what of its node is open to a container in it; nothing where it is left out. */
  opens?: readonly NodeAccess[]
  /** Labels of the node of a pod that opens something of it. */
  nodeLabels?: Labels
}

const dns1123Subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/**
 * Returns true for a valid name of a node or pod: at most 253 characters, lower case.
 * Source: Kubernetes, "Object Names and IDs".
 */
export function isObjectName(word: string): boolean {
  return word.length <= 253 && dns1123Subdomain.test(word)
}

/** Returns true for a valid name of a namespace or container: a DNS label, at most 63 characters. Source: RFC 1123. */
export function isLabelName(word: string): boolean {
  return isObjectName(word) && !word.includes('.') && word.length <= 63
}

/** Returns a target as people type it: `node/node001`, `-n shop pod/web-1`. */
export function targetText(target: Target): string {
  return target.kind === 'node' ? `node/${target.name}` : `-n ${target.namespace} pod/${target.name}`
}

/** Node in a list of a cluster's nodes. */
export type NodeInfo = {
  uid: string
  name: string
  /** State in kubectl's words: `Ready`, `NotReady,SchedulingDisabled`. */
  status: string
  os: string
  version: string
  labels: Readonly<Record<string, string>>
  /** Operating system as the kubelet reports it. */
  osImage?: string
}
/** Pod in a list of a namespace's pods. */
export type PodInfo = {
  uid: string
  namespaceLabels: Readonly<Record<string, string>>
  namespace: string
  name: string
  /** State in kubectl's word: `Running`, `CrashLoopBackOff`, `Init:0/2`. */
  status: string
  /** Why nothing can be started in it, as a sentence; left out where it can be debugged from inside. */
  problem?: string
  node: string
  labels: Readonly<Record<string, string>>
  access?: PodAccess
  /** True where all its containers are ready. */
  ready?: boolean
  /** What made it, by its own metadata. */
  controller?: { kind: string; name: string }
}

/** Why a target can't be used; `message` is one sentence for the person. */
export type TargetProblem = {
  problem: 'missing' | 'windows' | 'forbidden' | 'not-running' | 'container-not-running' | 'unreachable'
  message: string
  /** Node of a pod that can't be debugged from inside. */
  node?: string
}
