import type { OutputPoint } from '#core/output/transcript-state'
import type { Cluster } from '#core/ports/cluster'
import type { Run } from '#core/runs/run'
import { endsWithinSession, type SessionLifetime, sessionKeyParts, sessionLifetimeFor } from '#core/sessions/session'
import { defined } from '#core/util/defined'
import { poll } from '#core/util/retry'
import { raiseAlarm } from '#src/lifecycle/report-tampering'
import type { WorkerContext } from '#src/worker/context'
import {
  acquireSessionLock,
  coldPlacement,
  createPlacement,
  type PlacementParams,
  type RunPlacement,
  reusePlacement,
} from './placement-strategies.ts'

/** Milliseconds between two checks whether the container of another run of the same person is ready. */
const pollDelayMs = 100

/** Lifetime of an adopted run's session that the configuration doesn't allow any more, in seconds. */
const endingLifetime: SessionLifetime = { idle: 1, life: 0 }

/** Chooses the container of a run that begins. */
export async function placeRun(context: WorkerContext, run: Run, cluster: Cluster): Promise<RunPlacement> {
  const debugRun = { id: run.id, spec: run.spec, by: run.request.by }
  const params = { context, run, cluster, debugRun, isAdopted: false, takenAt: context.now().getTime() }
  const lifetime = sessionLifetimeFor(run, context.rules().policy.sets, context.rules().sessionIdleTimes)
  const isAllowed = lifetime !== undefined && (await cluster.canKeepSession(debugRun))
  return isAllowed ? placeInSession(params, lifetime) : coldPlacement(params)
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
  const debugRun = { id: run.id, spec: run.spec, by: run.request.by, ...defined({ from }) }
  const params = { context, run, cluster, debugRun, isAdopted: true, takenAt: context.now().getTime() }
  const ref = context.sessions.read(run)
  if (ref === 'forged') await raiseAlarm(context, run.id, run.request.by.id, 'the stored session of a run was changed')
  if (ref === undefined || ref === 'forged') return coldPlacement(params)
  const { policy, sessionIdleTimes } = context.rules()
  const lifetime = sessionLifetimeFor(run, policy.sets, sessionIdleTimes) ?? endingLifetime
  return ref.session.run === run.id
    ? createPlacement(params, ref.key, lifetime, { adopted: ref.session })
    : reusePlacement(params, ref, lifetime)
}

/** Waits, in a user's pod, until a container of the session is ready or may be created. */
async function placeInSession(params: PlacementParams, lifetime: SessionLifetime): Promise<RunPlacement> {
  const { context, run } = params
  const key = context.hash(sessionKeyParts(run))
  const deadline = context.now().getTime() + run.spec.startTimeout * 1_000
  const choose = async (): Promise<RunPlacement | 'busy'> => {
    const session = await context.sessions.find(key, lifetime.idle)
    if (session === 'forged') {
      await raiseAlarm(context, run.id, run.request.by.id, 'the record of a session was changed')
      return coldPlacement(params)
    }
    if (session !== undefined && endsWithinSession(session, run.spec, context.now().toISOString()))
      return reusePlacement(params, { key, session }, lifetime)
    const lock = await acquireSessionLock(params, key)
    return lock === undefined ? 'busy' : createPlacement(params, key, lifetime, { lock })
  }
  // A node's debug pod is removed soon after its run. A container can't be removed from a user's pod, so this run
  // waits for the other's container.
  const mayWait = () => run.spec.target.kind !== 'node' && context.now().getTime() <= deadline
  const placement = await poll(choose, (each) => (each === 'busy' && mayWait() ? pollDelayMs : undefined))
  return placement === 'busy' ? coldPlacement(params) : placement
}
