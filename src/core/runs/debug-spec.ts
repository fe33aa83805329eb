import type { Capability } from '#core/request/capability'
import type { ToolRequest } from '#core/request/request'
import type { Target } from '#core/request/target'
import { targetText } from '#core/request/target'
import type { Confinement, HostAccess } from '#core/request/tool'

/** Everything that a debug pod or ephemeral container is made from; plain data, so that it can be hashed and shown. */
export type DebugSpec = {
  /** `repo:version@sha256:…`; without the digest where nobody knows it. */
  image: string
  /** One argv a stage, joined by pipes. */
  pipeline: readonly (readonly string[])[]
  target: Target
  /** UID of the node or pod that was meant: a namesake made later is another. */
  targetUid: string
  /** Name of the node that it runs on. */
  node: string
  capabilities: readonly Capability[]
  host: HostAccess
  confinement: Confinement
  user: 'root' | 'nonroot'
  /** Seconds until the tool must have started. */
  startTimeout: number
  /** Seconds from the tool's start until it is ended. */
  deadline: number
  /** Bytes of standard output and error together, after which the tool is ended. */
  maxOutputBytes: number
  /** Folders of the node that a read-only mount of its file system shows empty: its container runtime's sockets. */
  masked: readonly string[]
  /** Namespace that debug pods of nodes are made in. */
  namespace: string
  labels: Readonly<Record<string, string>>
  annotations: Readonly<Record<string, string>>
}

/** What the owner's configuration gives to every spec. Times in seconds. */
export type DebugDefaults = {
  image: string
  namespace: string
  startTimeout: number
  deadline: number
  maxOutputBytes: number
  masked: readonly string[]
}

/** Labels that all debug pods carry, and by which the sweep finds them. */
export const managedBy = 'retina-chatops'
export const runLabel = 'retina-chatops.io/run'
/** And this one, by which several installations in one cluster leave each other's alone. */
export const installationLabel = 'retina-chatops.io/installation'

// A label's value has at most 63 characters of [A-Za-z0-9-_.]; a person's id (an e-mail) goes whole into an annotation.
function toLabelValue(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9_.-]/g, '_')
    .slice(0, 63)
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
}

/** The spec of a request that was allowed with at most `maxDeadline` seconds. */
export function toDebugSpec(request: ToolRequest, defaults: DebugDefaults, maxDeadline: number): DebugSpec {
  const { needs, target } = request
  return {
    image: request.image ?? defaults.image,
    pipeline: request.pipeline.map((stage) => stage.argv),
    target,
    targetUid: request.facts.uid,
    node: request.facts.node,
    capabilities: needs.capabilities,
    host: needs.host,
    confinement: needs.confinement,
    user: needs.user,
    startTimeout: request.startTimeout ?? defaults.startTimeout,
    deadline: Math.min(request.deadline ?? defaults.deadline, maxDeadline),
    maxOutputBytes: defaults.maxOutputBytes,
    // Who may write to the node's disk is root on it anyway; who may only read it shall not become so by a socket.
    masked: needs.host.filesystem === 'read-only' ? defaults.masked : [],
    namespace: defaults.namespace,
    labels: {
      'app.kubernetes.io/managed-by': managedBy,
      'app.kubernetes.io/name': 'retina-shell',
      [runLabel]: request.id,
      'retina-chatops.io/person': toLabelValue(request.by.id),
    },
    annotations: {
      'retina-chatops.io/person': request.by.id,
      'retina-chatops.io/target': targetText(target),
      'retina-chatops.io/asked-at': request.at,
    },
  }
}
