import type { Cluster, DebugProcess, DebugRun } from '#core/ports/cluster'
import type { Lock } from '#core/ports/store'
import type { End, Run } from '#core/runs/run'
import {
  type ContainerRef,
  leavesSessionReusable,
  type Session,
  type SessionLifetime,
  type SessionRef,
} from '#core/sessions/session'
import { onAbort } from '#core/util/on-abort'
import type { WorkerContext } from '#src/worker/context'

/** `cancel`: ends the tool. `followed`: aborted as soon as this worker doesn't follow the tool any more. */
export type PlacementSignals = { cancel: AbortSignal; followed: AbortSignal }

/**
 * How one run uses warm sessions. Chosen once, and without state of its own: what the run becomes is passed to it.
 * `cold`: its own container, without reuse. `reuse`: an existing session's container. `create`: its own container,
 * which becomes a session.
 */
export type RunPlacement = {
  how: 'cold' | 'reuse' | 'create'
  /** Fields for the audit record of the run's start. */
  details: Record<string, string>
  /** Signed reference to the existing container that the run goes into: saved with the run before it starts. */
  place?: string
  /**
   * Starts the tool, or adopts it. Returns the placement to start with `instead` where the session's container had
   * nothing started; that one starts the tool.
   */
  start: (signals: PlacementSignals) => Promise<{ process: DebugProcess } | { instead: RunPlacement }>
  /**
   * Saves the session once the run's container runs, because a worker that adopts the run has to know whether the
   * container is reused. Returns the signed reference to it if so.
   */
  onRunning: (where: ContainerRef, signals: Pick<PlacementSignals, 'followed'>) => Promise<string | undefined>
  /**
   * Finishes with the session after the run's end. `where`: the container of the run, if it ran. Returns the seconds
   * for which the container remains ready, if it does. The run must not be followed any more.
   */
  onEnded: (end: End, where: ContainerRef | undefined) => Promise<number | undefined>
}

/** A run and where it is placed. `isAdopted`: another worker has started it. `takenAt`: in ms since 1970. */
export type PlacementParams = {
  context: WorkerContext
  run: Run
  cluster: Cluster
  debugRun: DebugRun
  isAdopted: boolean
  takenAt: number
}

/** Runs the tool in a container of its own, which ends with it. */
export function coldPlacement(params: PlacementParams): RunPlacement {
  return {
    how: 'cold',
    details: {},
    start: async ({ cancel }) => ({ process: startOwnContainer(params, params.debugRun, cancel) }),
    onRunning: async () => undefined,
    onEnded: async () => undefined,
  }
}

/** Runs the tool in an existing session's container; where that is gone, in one of its own. */
export function reusePlacement(params: PlacementParams, ref: SessionRef, lifetime: SessionLifetime): RunPlacement {
  const { context, run, cluster, debugRun, isAdopted } = params
  const { session } = ref
  return {
    how: 'reuse',
    details: { kept: 'reused session', pod: session.pod, container: session.container },
    place: context.sessions.write(run.id, ref),
    async start({ cancel, followed }) {
      const stopHeartbeat = new AbortController()
      startHeartbeat(context, ref, lifetime, [followed, stopHeartbeat.signal])
      const process = await cluster.execInSession(debugRun, session, isAdopted ? 'follow' : 'begin', cancel)
      if (process !== undefined) return { process }
      stopHeartbeat.abort()
      if (await context.sessions.forget(ref))
        await context.audit('session-ended', session.run, run.request.by.id, { why: 'its container is gone' })
      // Nothing was started there, so the run can start in a container of its own.
      const lock = isAdopted ? undefined : await acquireSessionLock(params, ref.key)
      return {
        instead: lock === undefined ? coldPlacement(params) : createPlacement(params, ref.key, lifetime, { lock }),
      }
    },
    onRunning: async () => undefined,
    // A container that is not reusable any more may serve others still, or the next run detects that it doesn't.
    async onEnded(end) {
      if (!leavesSessionReusable(end)) return undefined
      return renewSession(params, ref, lifetime)
    },
  }
}

/**
 * Runs the tool in a container of its own, which becomes the session of the key. `lock`: the key's, which is released
 * once the session is saved. `adopted`: the session that another worker saved for this run.
 */
export function createPlacement(
  params: PlacementParams,
  key: string,
  lifetime: SessionLifetime,
  { lock, adopted }: { lock: Lock; adopted?: never } | { lock?: never; adopted: Session },
): RunPlacement {
  const { context, run, debugRun } = params
  const refIn = (where: ContainerRef) => ({ key, session: adopted ?? createSession(params, lifetime, where) })
  return {
    how: 'create',
    details: { kept: 'new session' },
    start: async ({ cancel }) => ({ process: startOwnContainer(params, { ...debugRun, stay: lifetime }, cancel) }),
    async onRunning(where, { followed }) {
      const ref = refIn(where)
      startHeartbeat(context, ref, lifetime, [followed])
      if (lock === undefined) return context.sessions.write(run.id, ref)
      const previous = await context.sessions.save(ref, lifetime.idle)
      await lock.release()
      // The previous session has no reference any more. On a node the sweep removes it; in a user's pod it would
      // remain beside the current one, so it is marked for ending.
      if (previous?.kind === 'pod')
        await context.sessions.retire({ key, session: previous }, { by: run.request.by.id, why: 'its lifetime ended' })
      return context.sessions.write(run.id, ref)
    },
    async onEnded(end, where) {
      const session = adopted ?? (where === undefined ? undefined : createSession(params, lifetime, where))
      if (session === undefined) {
        await lock?.release()
        return undefined
      }
      const ref = { key, session }
      if (leavesSessionReusable(end)) return renewSession(params, ref, lifetime)
      // The container is removed with its run.
      await context.sessions.forget(ref)
      return undefined
    },
  }
}

/** Acquires the lock of a session's key: of several runs that start together, one creates its container. */
export function acquireSessionLock({ context, run }: PlacementParams, key: string): Promise<Lock | undefined> {
  return context.store.acquireLock(`session:${key}`, run.spec.startTimeout + context.timing.sessionHeartbeatMs / 1_000)
}

function startOwnContainer({ cluster, isAdopted }: PlacementParams, debugRun: DebugRun, cancel: AbortSignal) {
  return isAdopted ? cluster.adopt(debugRun, cancel) : cluster.launch(debugRun, cancel)
}

/** Renews a session periodically, so that its idle timeout begins when nothing runs in it any more. */
function startHeartbeat(
  { sessions, timing }: WorkerContext,
  ref: SessionRef,
  { idle: idleSeconds }: SessionLifetime,
  until: readonly AbortSignal[],
): void {
  if (until.some(({ aborted }) => aborted)) return
  const touch = () => void sessions.touch(ref, idleSeconds).catch(() => undefined)
  const timer = setInterval(touch, Math.min(timing.sessionHeartbeatMs, (idleSeconds * 1_000) / 3))
  timer.unref()
  for (const signal of until) onAbort(signal, () => clearInterval(timer))
}

/** Renews a session after a run. Returns the seconds for which its container remains ready, unless it is gone. */
async function renewSession(
  { context, cluster, debugRun }: PlacementParams,
  ref: SessionRef,
  { idle: idleSeconds }: SessionLifetime,
): Promise<number | undefined> {
  if (!(await context.sessions.touch(ref, idleSeconds))) return undefined
  void cluster.prewarmExec(debugRun, ref.session)
  return idleSeconds
}

/** Calculates the session's end from before the container was begun, so that it is never later than the real end. */
function createSession(
  { run, cluster, takenAt }: PlacementParams,
  lifetime: SessionLifetime,
  where: ContainerRef,
): Session {
  const until = new Date(takenAt + lifetime.life * 1_000).toISOString()
  return { ...where, cluster: cluster.name, kind: run.spec.target.kind, run: run.id, until }
}
