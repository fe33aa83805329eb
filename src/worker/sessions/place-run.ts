import type { OutputPoint } from '#core/output/transcript-state'
import type { Cluster, DebugProcess, DebugRun } from '#core/ports/cluster'
import type { End, Run } from '#core/runs/run'
import {
  type ContainerRef,
  endsWithinSession,
  leavesSessionReusable,
  type Session,
  type SessionLifetime,
  type SessionRef,
  sessionKeyParts,
  sessionLifetimeFor,
} from '#core/sessions/session'
import { raiseAlarm } from '#src/lifecycle/alarm'
import type { WorkerContext } from '#src/worker/context'

/** Milliseconds between two checks whether the container of another run of the same person is ready. */
const pollDelayMs = 100

/**
 * How one run uses warm sessions: whether it goes into an existing container, and whether its own becomes a session.
 */
export type RunPlacement = {
  /** Fields for the audit record of the run's start. */
  details: Record<string, string>
  /** Signed reference to the existing container that the run goes into: saved with the run before it begins. */
  place?: string
  /**
   * Begins the tool, or adopts it. `displaced` is called if the session's container had nothing begun, so that the run
   * begins in a container of its own.
   */
  begin: (signal: AbortSignal, displaced: () => Promise<void>) => Promise<DebugProcess>
  /**
   * Saves the session once the run's container has started, because a worker that adopts the run has to know whether
   * the container is reused. Returns the signed reference to it if so.
   */
  started: (where: ContainerRef) => Promise<string | undefined>
  /**
   * Finishes with the session after the run's end. Returns the seconds for which its container remains ready, if it
   * does.
   */
  ended: (end: End) => Promise<number | undefined>
}

type PlacementParams = { context: WorkerContext; run: Run; cluster: Cluster; work: DebugRun; takenAt: number }
/**
 * `into`: an existing session's container. `own`: its own container, which becomes a session. `cold`: its own
 * container, without reuse.
 */
type Plan = { how: 'cold' } | { how: 'into' | 'own'; key: string; stay: SessionLifetime; session?: Session }

/** Chooses the container of a run that begins. */
export async function placeRun(context: WorkerContext, run: Run, cluster: Cluster): Promise<RunPlacement> {
  const params = createParams(context, run, cluster)
  const lifetime = sessionLifetimeFor(run, context.rules().policy.sets, context.rules().sessionIdleTimes)
  const allowed = lifetime !== undefined && (await cluster.canKeepSession(params.work))
  return allowed
    ? createPlacement(params, await choosePlan(params, lifetime))
    : createPlacement(params, { how: 'cold' })
}

/**
 * Finds the container of a run that another worker began: the run's record has its reference, and `from` is how far its
 * output was read.
 */
export async function placeAdoptedRun(
  context: WorkerContext,
  run: Run,
  cluster: Cluster,
  from: OutputPoint | undefined,
): Promise<RunPlacement> {
  const params = createParams(context, run, cluster, from)
  const ref = context.sessions.read(run)
  if (ref === 'forged') await raiseAlarm(context, run.id, run.request.by.id, 'the stored session of a run run changed')
  const lifetime = sessionLifetimeFor(run, context.rules().policy.sets, context.rules().sessionIdleTimes)
  if (ref === undefined || ref === 'forged') return createPlacement(params, { how: 'cold' }, true)
  const { key, session } = ref
  return createPlacement(
    params,
    { how: session.run === run.id ? 'own' : 'into', key, stay: lifetime ?? { idle: 1, life: 0 }, session },
    true,
  )
}

function createParams(context: WorkerContext, run: Run, cluster: Cluster, from?: OutputPoint): PlacementParams {
  const work = { id: run.id, spec: run.spec, by: run.request.by, ...(from === undefined ? {} : { from }) }
  return { context, run, cluster, work, takenAt: context.now().getTime() }
}

async function choosePlan(params: PlacementParams, lifetime: SessionLifetime): Promise<Plan> {
  const { context, run } = params
  const key = context.hash(sessionKeyParts(run))
  const deadline = context.now().getTime() + run.spec.startTimeout * 1_000
  for (;;) {
    const session = await context.sessions.find(key, lifetime.idle)
    if (session === 'forged') {
      await raiseAlarm(context, run.id, run.request.by.id, 'the record of a session was changed')
      return { how: 'cold' }
    }
    if (session !== undefined && endsWithinSession(session, run.spec, context.now().toISOString()))
      return { how: 'into', key, stay: lifetime, session }
    // Creates one container at a time: of several runs that start together, one creates it.
    if (await acquireSessionLock(params, key)) return { how: 'own', key, stay: lifetime }
    // A node's debug pod is removed soon after its run. A container can't be removed from a user's pod, so this run
    // waits for the other's container.
    if (run.spec.target.kind === 'node' || context.now().getTime() > deadline) return { how: 'cold' }
    await new Promise((resolve) => setTimeout(resolve, pollDelayMs))
  }
}

function acquireSessionLock({ context, run }: PlacementParams, key: string): Promise<boolean> {
  return context.store.acquireLock(`session:${key}`, run.spec.startTimeout + context.timing.sessionHeartbeatMs / 1_000)
}

function createPlacement(params: PlacementParams, plan: Plan, again = false): RunPlacement {
  const { context, run, work, cluster } = params
  let current: Plan = plan
  let heartbeat: NodeJS.Timeout | undefined
  const release = () =>
    current.how === 'own' ? context.store.releaseLock(`session:${current.key}`) : Promise.resolve()
  const startHeartbeat = (ref: SessionRef, { idle: idleSeconds }: SessionLifetime) => {
    const touch = () => void context.sessions.touch(ref, idleSeconds).catch(() => undefined)
    heartbeat ??= setInterval(touch, Math.min(context.timing.sessionHeartbeatMs, (idleSeconds * 1_000) / 3))
    heartbeat.unref()
  }
  const beginOwn = (signal: AbortSignal) => {
    const kept = current.how === 'own' ? { ...work, stay: current.stay } : work
    return again ? cluster.adopt(kept, signal) : cluster.launch(kept, signal)
  }

  return {
    details: getAuditDetails(plan),
    ...getSavedPlace(params, plan),
    async begin(signal, displaced) {
      if (current.how !== 'into' || current.session === undefined) return beginOwn(signal)
      const { key, session, stay: lifetime } = current
      const ref = { key, session }
      startHeartbeat(ref, lifetime)
      const process = await cluster.execInSession(work, session, again ? 'follow' : 'begin', signal)
      if (process !== undefined) return process
      clearInterval(heartbeat)
      heartbeat = undefined
      if (await context.sessions.forget(ref))
        await context.audit('session-ended', session.run, run.request.by.id, { why: 'its container is gone' })
      // Nothing was begun there, so the run can begin in a container of its own.
      current =
        !again && (await acquireSessionLock(params, key)) ? { how: 'own', key, stay: lifetime } : { how: 'cold' }
      if (!again) await displaced()
      return beginOwn(signal)
    },
    async started(where) {
      if (current.how !== 'own') return undefined
      const ref = { key: current.key, session: current.session ?? createSession(params, current.stay, where) }
      current = { ...current, session: ref.session }
      startHeartbeat(ref, current.stay)
      const previous = again ? undefined : await context.sessions.save(ref, current.stay.idle)
      if (!again) await release()
      // The previous session has no reference any more. On a node the sweep removes it; in a user's pod it would
      // remain beside the current one, so it is marked for ending.
      if (previous?.kind === 'pod')
        await context.sessions.retire(
          { key: current.key, session: previous },
          { by: run.request.by.id, why: 'its lifetime ended' },
        )
      return context.sessions.write(run.id, ref)
    },
    async ended(end) {
      clearInterval(heartbeat)
      const idleSeconds = await finishSession(params, current, end)
      if (idleSeconds !== undefined && current.how !== 'cold' && current.session !== undefined)
        void cluster.prewarmExec(work, current.session)
      if (current.how === 'own' && current.session === undefined && !again) await release()
      return idleSeconds
    },
  }
}

/**
 * Renews or deletes the session of a run that has ended. Returns the seconds for which its container remains ready, or
 * undefined.
 */
async function finishSession({ context }: PlacementParams, plan: Plan, end: End): Promise<number | undefined> {
  if (plan.how === 'cold' || plan.session === undefined) return undefined
  const { key, session, stay: lifetime, how } = plan
  const ref = { key, session }
  if (leavesSessionReusable(end)) return (await context.sessions.touch(ref, lifetime.idle)) ? lifetime.idle : undefined
  // The run's own container is removed with it; another run's container may still be usable, or the next run detects
  // that it isn't.
  if (how === 'own') await context.sessions.forget(ref)
  return undefined
}

function getSavedPlace({ context, run }: PlacementParams, plan: Plan): { place?: string } {
  if (plan.how !== 'into' || plan.session === undefined) return {}
  return { place: context.sessions.write(run.id, { key: plan.key, session: plan.session }) }
}

function getAuditDetails(plan: Plan): Record<string, string> {
  if (plan.how === 'cold') return {}
  if (plan.session === undefined) return { kept: 'new session' }
  return { kept: 'reused session', pod: plan.session.pod, container: plan.session.container }
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
