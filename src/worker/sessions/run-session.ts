import type { OutputPoint } from '#core/output/stored-output'
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
import type { WorkerContext } from '#src/worker/context'

/** Milliseconds between two looks whether the container of another run of the same person is ready by now. */
const pause = 100

/** What of warm sessions concerns one run: whether it goes into a container that stands, and whether its own one stays. */
export type RunPlacement = {
  /** For the audit record of its start. */
  details: Record<string, string>
  /** Where it goes, where that is a container that stands: saved with the run before it begins. */
  place?: string
  /** Begins the tool, or takes it over. `displaced`: nothing was begun there, so it begins in one of its own. */
  begin: (signal: AbortSignal, displaced: () => Promise<void>) => Promise<DebugProcess>
  /** Its container runs: whoever takes the run over has to know whether it stays. Answers where it is, if it does. */
  started: (where: ContainerRef) => Promise<string | undefined>
  /** It has ended: for how many seconds its container stays ready, if it does. */
  ended: (end: End) => Promise<number | undefined>
}

type Way = { house: WorkerContext; run: Run; cluster: Cluster; work: DebugRun; takenAt: number }
/** `into`: a container that stands. `own`: its own, which stays. */
type Plan = { how: 'cold' } | { how: 'into' | 'own'; key: string; stay: SessionLifetime; session?: Session }

/** Of a run that begins. */
export async function placeRun(context: WorkerContext, run: Run, cluster: Cluster): Promise<RunPlacement> {
  const way = wayOf(context, run, cluster)
  const stay = sessionLifetimeFor(run, context.policy().sets, context.keep())
  const allowed = stay !== undefined && (await cluster.canKeepSession(way.work))
  return allowed ? planned(way, await planOf(way, stay)) : planned(way, { how: 'cold' })
}

/** Of a run that another worker began: where it is stands in its record, and how far its output was read in `from`. */
export async function placeAdoptedRun(
  context: WorkerContext,
  run: Run,
  cluster: Cluster,
  from: OutputPoint | undefined,
): Promise<RunPlacement> {
  const way = wayOf(context, run, cluster, from)
  const place = context.sessions.read(run)
  if (place === 'forged') await alarm(context, run, 'where the run is said to be was written by somebody else')
  const stay = sessionLifetimeFor(run, context.policy().sets, context.keep())
  if (place === undefined || place === 'forged') return planned(way, { how: 'cold' }, true)
  const { key, session } = place
  return planned(
    way,
    { how: session.run === run.id ? 'own' : 'into', key, stay: stay ?? { idle: 1, life: 0 }, session },
    true,
  )
}

function wayOf(context: WorkerContext, run: Run, cluster: Cluster, from?: OutputPoint): Way {
  const work = { id: run.id, spec: run.spec, by: run.request.by, ...(from === undefined ? {} : { from }) }
  return { house: context, run, cluster, work, takenAt: context.now().getTime() }
}

async function planOf(way: Way, stay: SessionLifetime): Promise<Plan> {
  const { house: context, run } = way
  const key = context.hash(sessionKeyParts(run))
  const until = context.now().getTime() + run.spec.startTimeout * 1_000
  for (;;) {
    const session = await context.sessions.find(key, stay.idle)
    if (session === 'forged') {
      await alarm(context, run, 'a record of a container that is ready was written by somebody else')
      return { how: 'cold' }
    }
    if (session !== undefined && endsWithinSession(session, run.spec, context.now().toISOString()))
      return { how: 'into', key, stay, session }
    // One container at a time: of several runs that come at once, one makes it.
    if (await claim(way, key)) return { how: 'own', key, stay }
    // A pod of its own is gone again soon. In somebody's pod a container can't be removed, so this one waits for the other's.
    if (run.spec.target.kind === 'node' || context.now().getTime() > until) return { how: 'cold' }
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

function claim({ house: context, run }: Way, key: string): Promise<boolean> {
  return context.store.acquireLock(`session:${key}`, run.spec.startTimeout + context.timing.sessionHeartbeatMs / 1_000)
}

async function alarm(context: WorkerContext, run: Run, why: string): Promise<void> {
  context.log.error({ run: run.id }, `ALARM: ${why}; it is not used`)
  await context.audit('alarm', run.id, run.request.by.id, { why })
}

function planned(way: Way, plan: Plan, again = false): RunPlacement {
  const { house: context, run, work, cluster } = way
  let now: Plan = plan
  let beat: NodeJS.Timeout | undefined
  const release = () => (now.how === 'own' ? context.store.releaseLock(`session:${now.key}`) : Promise.resolve())
  const hold = (place: SessionRef, { idle }: SessionLifetime) => {
    const touch = () => void context.sessions.touch(place, idle).catch(() => undefined)
    beat ??= setInterval(touch, Math.min(context.timing.sessionHeartbeatMs, (idle * 1_000) / 3))
    beat.unref()
  }
  const own = (signal: AbortSignal) => {
    const kept = now.how === 'own' ? { ...work, stay: now.stay } : work
    return again ? cluster.adopt(kept, signal) : cluster.launch(kept, signal)
  }

  return {
    details: detailsOf(plan),
    ...placeOf(way, plan),
    async begin(signal, displaced) {
      if (now.how !== 'into' || now.session === undefined) return own(signal)
      const { key, session, stay } = now
      const place = { key, session }
      hold(place, stay)
      const process = await cluster.execInSession(work, session, again ? 'follow' : 'begin', signal)
      if (process !== undefined) return process
      clearInterval(beat)
      beat = undefined
      if (await context.sessions.forget(place))
        await context.audit('session-ended', session.run, run.request.by.id, { why: 'its container is gone' })
      // Nothing was begun, so nothing stands in the way of a container of its own.
      now = !again && (await claim(way, key)) ? { how: 'own', key, stay } : { how: 'cold' }
      if (!again) await displaced()
      return own(signal)
    },
    async started(where) {
      if (now.how !== 'own') return undefined
      const place = { key: now.key, session: now.session ?? sessionOf(way, now.stay, where) }
      now = { ...now, session: place.session }
      hold(place, now.stay)
      const before = again ? undefined : await context.sessions.save(place, now.stay.idle)
      if (!again) await release()
      // What nothing leads to any more is swept away on a node; in somebody's pod it would stand beside this one.
      if (before?.kind === 'pod')
        await context.sessions.retire(
          { key: now.key, session: before },
          { by: run.request.by.id, why: 'its time ran out' },
        )
      return context.sessions.write(run.id, place)
    },
    async ended(end) {
      clearInterval(beat)
      const kept = await afterwards(way, now, end)
      if (kept !== undefined && now.how !== 'cold' && now.session !== undefined)
        void cluster.prewarmExec(work, now.session)
      if (now.how === 'own' && now.session === undefined && !again) await release()
      return kept
    },
  }
}

/** For how long the container of a run that has ended stays ready. */
async function afterwards({ house: context }: Way, plan: Plan, end: End): Promise<number | undefined> {
  if (plan.how === 'cold' || plan.session === undefined) return undefined
  const { key, session, stay, how } = plan
  const place = { key, session }
  if (leavesSessionReusable(end)) return (await context.sessions.touch(place, stay.idle)) ? stay.idle : undefined
  // Its own container is removed with it; another one may still be good, or else the next run finds out.
  if (how === 'own') await context.sessions.forget(place)
  return undefined
}

function placeOf({ house: context, run }: Way, plan: Plan): { place?: string } {
  if (plan.how !== 'into' || plan.session === undefined) return {}
  return { place: context.sessions.write(run.id, { key: plan.key, session: plan.session }) }
}

function detailsOf(plan: Plan): Record<string, string> {
  if (plan.how === 'cold') return {}
  if (plan.session === undefined) return { kept: 'its container stays' }
  return { kept: 'in a container that was ready', pod: plan.session.pod, container: plan.session.container }
}

/** Reckoned from before it was begun: never later than it really ends. */
function sessionOf({ run, cluster, takenAt }: Way, stay: SessionLifetime, where: ContainerRef): Session {
  const until = new Date(takenAt + stay.life * 1_000).toISOString()
  return { ...where, cluster: cluster.name, kind: run.spec.target.kind, run: run.id, until }
}
