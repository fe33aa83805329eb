import type { Capability } from '#core/request/capability'
import { isImageOf } from '#core/request/image'
import type { ToolRequest } from '#core/request/request'
import { type Target, targetText } from '#core/request/target'
import type { Confinement, HostAccess } from '#core/request/tool'
import { type Batch, parallelSteps, stepBytes, stepSeconds } from '#core/triage/batch-output'
import { canonicalJson } from '#core/util/canonical-json'

/** Complete specification of a debug pod or ephemeral container; plain data, so that it can be hashed and shown. */
export type DebugSpec = {
  /** `repo:version@sha256:…`; without the digest where it is unknown. */
  image: string
  /** One argv per stage; stages are joined by pipes. */
  pipeline: readonly (readonly string[])[]
  /** Indexes of stages that run without the capabilities, because they need none; left out where there are none. */
  bare?: readonly number[]
  /**
   * Present where the argvs of `pipeline` are commands of checks, which run beside each other and aren't joined by pipes.
   * `later`: indexes of those that begin `againAfter` seconds after the others; `seconds` and `bytes`: limits of each.
   */
  batch?: { later: readonly number[]; againAfter: number; seconds: number; bytes: number; parallel: number }
  target: Target
  /** UID of the target node or pod, so that a later object with the same name isn't used. */
  targetUid: string
  /** Name of the node that the tool runs on. */
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
  /**
   * Folders of the node that appear empty in a read-only mount of its file system: sockets of the container runtime.
   */
  masked: readonly string[]
  /** Namespace in which debug pods for nodes are created. */
  namespace: string
  labels: Readonly<Record<string, string>>
  annotations: Readonly<Record<string, string>>
}

/** Defaults of every spec from the owner's configuration. Times in seconds. */
export type DebugDefaults = {
  image: string
  namespace: string
  startTimeout: number
  deadline: number
  maxOutputBytes: number
  masked: readonly string[]
}

/** Value of the label `app.kubernetes.io/managed-by` on all debug pods, by which the sweep finds them. */
export const managedBy = 'retina-chatops'
/** Label of all debug pods with the run's id, by which the sweep finds them. */
export const runLabel = 'retina-chatops.io/run'
/** Label with the installation's id, so that several installations in one cluster don't touch each other's pods. */
export const installationLabel = 'retina-chatops.io/installation'

/**
 * Converts a text to a label value: at most 63 of [A-Za-z0-9-_.]. The full person id (an e-mail) is in an annotation.
 */
function toLabelValue(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9_.-]/g, '_')
    .slice(0, 63)
    .replaceAll(/^[^A-Za-z0-9]+|(?<![^A-Za-z0-9])[^A-Za-z0-9]+$/g, '')
}

/** Returns the labels of a run's pod. `person`: a valid label value. */
export function runLabels(runId: string, person: string): Readonly<Record<string, string>> {
  return {
    'app.kubernetes.io/managed-by': managedBy,
    'app.kubernetes.io/name': 'retina-shell',
    [runLabel]: runId,
    'retina-chatops.io/person': person,
  }
}

/** Returns the spec of a request that was allowed with a deadline of at most `maxDeadline` seconds. */
export function toDebugSpec(request: ToolRequest, defaults: DebugDefaults, maxDeadline: number): DebugSpec {
  const { needs, target } = request
  const bare = request.pipeline.flatMap((stage, at) => (stage.bare ? [at] : []))
  return {
    image: request.image ?? defaults.image,
    pipeline: request.pipeline.map((stage) => stage.argv),
    ...(request.batch === undefined ? {} : { batch: toBatchSpec(request.batch) }),
    ...(needs.capabilities.length === 0 || bare.length === 0 ? {} : { bare }),
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
    // Write access to the node's disk is equal to root; with read-only access a socket must not allow to become root.
    masked: needs.host.filesystem === 'read-only' ? defaults.masked : [],
    namespace: defaults.namespace,
    labels: runLabels(request.id, toLabelValue(request.by.id)),
    annotations: {
      'retina-chatops.io/person': request.by.id,
      'retina-chatops.io/target': targetText(target),
      'retina-chatops.io/asked-at': request.at,
    },
  }
}

function toBatchSpec({ steps, againAfter }: Batch): NonNullable<DebugSpec['batch']> {
  const later = steps.flatMap((step, at) => (step.later ? [at] : []))
  return { later, againAfter, seconds: stepSeconds, bytes: stepBytes, parallel: parallelSteps }
}

/**
 * Returns true when a spec is what its request gives under these defaults: what was authorized is what runs. The image
 * may have its digest in addition, and shorter limits than the current ones are accepted.
 */
export function isSpecOf(spec: DebugSpec, request: ToolRequest, defaults: DebugDefaults, maxDeadline: number): boolean {
  const derived = toDebugSpec(request, defaults, maxDeadline)
  const { image, startTimeout, deadline, maxOutputBytes, ...rest } = spec
  const { image: derivedImage, startTimeout: _start, deadline: _deadline, maxOutputBytes: _bytes, ...wanted } = derived
  const isBounded =
    deadline <= maxDeadline && Number.isFinite(startTimeout) && maxOutputBytes <= defaults.maxOutputBytes
  return isImageOf(image, derivedImage) && isBounded && canonicalJson(rest) === canonicalJson(wanted)
}
