import type { Cluster } from '#core/ports/cluster'
import type { EndingSession } from '#core/ports/sessions'
import { verified } from '#core/ports/store'
import { type Session, type SessionEnd, type SessionRef, sessionLifetimeFor } from '#core/sessions/session'
import { currentPerson, reauthorize } from '#src/lifecycle/revalidate'
import type { WorkerContext } from '#src/worker/context'
import { withLock } from '#src/worker/jobs/with-lock'

/** Actor in audit records of sessions that the sweep ends. */
const systemActor = 'retina-chatops'

/**
 * Ends sessions that a person or the sweep has marked. Every worker runs this job; a lock lets one end each session.
 */
export async function endSessionsJob(context: WorkerContext): Promise<void> {
  for (const ending of await context.sessions.ending()) {
    const cluster = context.clusters.get(ending.session.cluster)
    if (cluster === undefined) continue
    await withLock(context.store, `session-end:${ending.id}`, { leaseMs: context.timing.sessionEndLeaseMs }, () =>
      endMarked(context, cluster, ending),
    )
  }
}

async function endMarked(
  context: WorkerContext,
  cluster: Pick<Cluster, 'end'>,
  { session, id, by, why, patient }: EndingSession,
): Promise<void> {
  try {
    if (patient && (await findHostRuns(context)).has(session.run)) return
    await cluster.end(session)
    await context.sessions.ended(id)
    context.log.info({ run: session.run, pod: session.pod, by, why }, 'session ended')
  } catch (error) {
    context.log.warn({ run: session.run, error: String(error) }, 'a session could not be ended yet')
    // After that time the container has ended by itself.
    if (Date.parse(session.until) < context.now().getTime()) await context.sessions.ended(id)
  }
}

/**
 * Ends sessions whose person isn't allowed any more what they were made for. A record with an invalid
 * signature is never used; the store reports it.
 */
export async function sweepSessions(context: WorkerContext): Promise<void> {
  for (const { key, session } of await context.sessions.all()) {
    if (session === 'forged') continue
    const reason = await findEndReason(context, session)
    if (reason !== undefined) await endSession(context, { key, session }, { by: systemActor, why: reason })
  }
}

/** Returns runs whose containers are ready for further runs, or have others in progress in them. */
export async function runsWithActiveSessions(context: WorkerContext): Promise<ReadonlySet<string>> {
  const sessions = await context.sessions.all()
  const ready = sessions.flatMap(({ session }) => (session === 'forged' ? [] : [session.run]))
  return new Set([...ready, ...(await findHostRuns(context))])
}

/** Ends a session for everybody, on record; a worker ends its container. */
export async function endSession(context: WorkerContext, ref: SessionRef, reason: SessionEnd): Promise<void> {
  await context.audit('session-ended', ref.session.run, reason.by, { why: reason.why, pod: ref.session.pod })
  await context.sessions.end(ref, reason)
}

/**
 * Returns why a session has to end, or undefined. Where that can't be checked, the session continues: each run in it is
 * authorized separately.
 */
async function findEndReason(context: WorkerContext, session: Session): Promise<string | undefined> {
  const run = verified(await context.store.run(session.run))
  if (run === undefined) return 'its owner is unknown'
  const { by, account } = run.request
  const person = await currentPerson(context, { id: by.id, account })
  if ('refused' in person) return person.temporary ? undefined : `${by.name} no longer has access`
  const destinations = await context.resolveDestinations(run.request.destinations, run.request.target)
  const { decision, change } = reauthorize(
    { ...run.request, destinations },
    person,
    context.rules().policy,
    context.now().toISOString(),
  )
  if (decision.effect !== 'allow') return change
  return sessionLifetimeFor(run, context.rules().policy.sets, context.rules().sessionIdleTimes) === undefined
    ? 'the configuration changed'
    : undefined
}

/** Returns runs in whose containers others are in progress. */
async function findHostRuns(context: WorkerContext): Promise<ReadonlySet<string>> {
  const runs = await Promise.all(
    (await context.store.openRuns()).map(async (id) => verified(await context.store.run(id))),
  )
  return new Set(
    runs.flatMap((run) => {
      const ref = run === undefined || run.end !== undefined ? undefined : context.sessions.read(run)
      return ref === undefined || ref === 'forged' ? [] : [ref.session.run]
    }),
  )
}
