import type { CapabilitySet } from '#core/policy/policy'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { End, Run } from '#core/runs/run'
import type { Instant } from '#core/util/instant'

/** A container by the names that the API server knows it by. */
export type ContainerRef = {
  namespace: string
  pod: string
  /** The pod's UID. */
  uid: string
  container: string
}

/** A container that stays ready after its run, for further runs of the same person with the same rights. */
export type Session = ContainerRef & {
  cluster: string
  kind: 'node' | 'pod'
  /** The run that it was made for. */
  run: string
  /** When it ends, whatever runs in it. */
  until: Instant
}

/** Where a run goes: into which container, ready under which key. */
export type SessionRef = { key: string; session: Session }

/** Seconds that a container stays ready after it was used: debug pods of nodes, and ephemeral containers in pods. 0: never. */
export type SessionIdleTimes = { nodes: number; pods: number }

/** How long a container stays ready, and how long it stands at all, in seconds. */
export type SessionLifetime = { idle: number; life: number }

/** Why and by whom a session is ended. */
export type SessionEnd = { by: string; why: string }

/** Seconds that a container stands, beyond its first run's deadline. */
export function maxLifetime(idle: number): number {
  return idle === 0 ? 0 : Math.max(30 * 60, 4 * idle)
}

type Asked = Pick<Run, 'request' | 'spec' | 'set' | 'approval' | 'under' | 'fanOut'>

/**
 * For how long a run's container may stay, and whether it may go into one that stayed: undefined for never. What may change
 * something, or was let through for this once, leaves nothing that stands open.
 */
export function sessionLifetimeFor(
  run: Asked,
  sets: readonly CapabilitySet[],
  idleTimes: SessionIdleTimes,
): SessionLifetime | undefined {
  const { request, spec } = run
  const idle = spec.target.kind === 'node' ? idleTimes.nodes : idleTimes.pods
  const isWriting = spec.host.filesystem === 'read-write' || request.needs.effect === 'write'
  const isSingleUse = run.approval !== undefined || run.under !== undefined || request.breakGlass === true
  const set = sets.find(({ name }) => name === run.set)
  if (idle === 0 || isWriting || isSingleUse || run.fanOut !== undefined || set === undefined || set.keep === false)
    return undefined
  return { idle, life: maxLifetime(idle) + spec.deadline }
}

/** Everything in which two runs must be alike to share a container; its hash is the session's key. */
export function sessionKeyParts({ request, spec, set }: Pick<Run, 'request' | 'spec' | 'set'>): object {
  const { target, targetUid, node, namespace, image, capabilities, host, user, confinement, masked } = spec
  const container = target.kind === 'pod' ? target.container : undefined
  const targetParts = { kind: target.kind, cluster: target.cluster, targetUid, node, namespace, container }
  const placeParts =
    target.kind === 'pod' ? { ...targetParts, targetNamespace: target.namespace, name: target.name } : targetParts
  const powers = { image, capabilities: [...capabilities].sort(), host, user, confinement, masked: [...masked].sort() }
  return { person: request.by.id, set, ...placeParts, ...powers }
}

/** Seconds beyond its deadline that a run may need to end. */
const graceSeconds = 30

/** True where a run that begins now ends before the container does. */
export function endsWithinSession(
  session: Pick<Session, 'until'>,
  spec: Pick<DebugSpec, 'deadline'>,
  now: Instant,
): boolean {
  return Date.parse(now) + (spec.deadline + graceSeconds) * 1_000 < Date.parse(session.until)
}

const reusableReasons: ReadonlySet<End['reason']> = new Set([
  'completed',
  'failed',
  'deadline',
  'output-limit',
  'canceled',
])

/** True where the container that a run was in is still good after this ending: its runner itself has told of it. */
export function leavesSessionReusable(end: End): boolean {
  return reusableReasons.has(end.reason) && end.complete
}

/** What a cluster does with containers that stay after their run. */
export type SessionContainers<Work, Process> = {
  /** True where containers may stay: the person, and who acts for them, may run something in one that stands there. */
  canKeepSession: (run: Work) => Promise<boolean>
  /**
   * Begins the tool in a container that stands, once however often this is called for a run; or follows what was begun there.
   * Undefined where nothing was begun: the container isn't there any more or, to follow, has no such run.
   */
  execInSession: (
    run: Work,
    session: Session,
    how: 'begin' | 'follow',
    signal: AbortSignal,
  ) => Promise<Process | undefined>
  /** Makes ready for the next run in it, as far as that helps and the cluster lets one; never rejects. */
  prewarmExec: (run: Work, session: Session) => Promise<void>
  /** Lets go of what was made ready; the containers stay. */
  close: () => void
  /** Ends a container that stayed, with whatever runs in it. Rejects where the cluster can't be reached. */
  end: (session: Session) => Promise<void>
}

/**
 * Containers that stand ready. What stands in the store is signed with a key that the store doesn't hold: a record that somebody
 * else wrote is `forged`. How long a record stands is the one truth about how long a container does.
 */
export type Sessions = {
  /** Returns the warm container of a key and restarts its idle timeout (`idle`, in seconds). */
  find: (key: string, idle: number) => Promise<Session | 'forged' | undefined>
  /** Makes it the one under its key; resolves with the one that was. */
  save: (place: SessionRef, idle: number) => Promise<Session | undefined>
  /** Restarts the idle timeout; false where the key has another session, or none. */
  touch: (place: SessionRef, idle: number) => Promise<boolean>
  /** Forgets what is under a key, where it is this one still. */
  forget: (place: SessionRef) => Promise<boolean>
  /** Forgets it, and has a worker end it in its cluster; false where it was not there any more. */
  end: (place: SessionRef, how: SessionEnd) => Promise<boolean>
  /** Has a worker end one that nothing leads to any more, once nothing runs in it. */
  retire: (place: SessionRef, how: SessionEnd) => Promise<void>
  /** All that stand ready. */
  all: () => Promise<readonly { key: string; session: Session | 'forged' }[]>
  /** Those that a worker has yet to end. */
  ending: () => Promise<readonly (SessionRef & SessionEnd & { id: string; patient: boolean })[]>
  ended: (id: string) => Promise<void>
  /** A run's place as it is kept with the run, and back; `forged` where it wasn't written for that run by us. */
  write: (run: string, place: SessionRef) => string
  read: (run: Pick<Run, 'id' | 'place'>) => SessionRef | 'forged' | undefined
}
