import type { CapabilitySet } from '#core/policy/policy'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { End, Run } from '#core/runs/run'
import type { Instant } from '#core/util/instant'

/** Reference to a container by its names in the Kubernetes API. */
export type ContainerRef = {
  namespace: string
  pod: string
  /** The pod's UID. */
  uid: string
  container: string
}

/** Warm container that is reused after its first run, for further runs of the same person with the same rights. */
export type Session = ContainerRef & {
  cluster: string
  kind: 'node' | 'pod'
  /** Id of the run that the container was created for. */
  run: string
  /** Time at which the container ends, even while something runs in it. */
  until: Instant
}

/** Session with the key that it is stored under. */
export type SessionRef = { key: string; session: Session }

/** Idle seconds until a session ends: of debug pods for nodes, and of ephemeral containers in pods. 0: no reuse. */
export type SessionIdleTimes = { nodes: number; pods: number }

/** Idle timeout and total lifetime of a session's container, in seconds. */
export type SessionLifetime = { idle: number; life: number }

/** By whom and why a session is ended. */
export type SessionEnd = { by: string; why: string }

/** Returns the maximum lifetime of a session in seconds, beyond its first run's deadline. */
export function maxLifetime(idle: number): number {
  return idle === 0 ? 0 : Math.max(30 * 60, 4 * idle)
}

type SessionCandidate = Pick<Run, 'request' | 'spec' | 'set' | 'approval' | 'under' | 'fanOut'>

/**
 * Returns the lifetime of a run's session; undefined for a run that neither leaves nor uses a session. A run that may
 * change something, or was approved only once, leaves no container behind.
 */
export function sessionLifetimeFor(
  run: SessionCandidate,
  sets: readonly CapabilitySet[],
  idleTimes: SessionIdleTimes,
): SessionLifetime | undefined {
  const { request, spec } = run
  const idle = spec.target.kind === 'node' ? idleTimes.nodes : idleTimes.pods
  const isWriting = spec.host.filesystem === 'read-write' || request.needs.effect === 'write'
  const isSingleUse = run.approval !== undefined || run.under !== undefined || request.breakGlass === true
  const set = sets.find(({ name }) => name === run.set)
  if (
    idle === 0 ||
    isWriting ||
    isSingleUse ||
    (run.fanOut !== undefined && request.batch === undefined) ||
    set === undefined ||
    set.keep === false
  )
    return undefined
  return { idle, life: maxLifetime(idle) + spec.deadline }
}

/** Returns all properties that two runs must have in common to share a container; their hash is the session's key. */
export function sessionKeyParts({ request, spec, set }: Pick<Run, 'request' | 'spec' | 'set'>): object {
  const { target, targetUid, node, namespace, image, capabilities, host, user, confinement, masked } = spec
  const container = target.kind === 'pod' ? target.container : undefined
  const targetParts = { kind: target.kind, cluster: target.cluster, targetUid, node, namespace, container }
  const placeParts =
    target.kind === 'pod' ? { ...targetParts, targetNamespace: target.namespace, name: target.name } : targetParts
  const powers = { image, capabilities: [...capabilities].sort(), host, user, confinement, masked: [...masked].sort() }
  return { person: request.by.id, set, ...placeParts, ...powers }
}

/** Seconds that a run may need to end after its deadline. */
const graceSeconds = 30

/** Returns true when a run that starts now ends before the session's container does. */
export function endsWithinSession(
  session: Pick<Session, 'until'>,
  spec: Pick<DebugSpec, 'deadline'>,
  now: Instant,
): boolean {
  return Date.parse(now) + (spec.deadline + graceSeconds) * 1_000 < Date.parse(session.until)
}

const reusableReasons: ReadonlySet<End['reason']> = new Set([
  'completed',
  'nothing-found',
  'failed',
  'deadline',
  'output-limit',
  'canceled',
])

/** Returns true when the container can be reused after this ending: its runner itself reported the end. */
export function leavesSessionReusable(end: End): boolean {
  return reusableReasons.has(end.reason) && end.complete
}
