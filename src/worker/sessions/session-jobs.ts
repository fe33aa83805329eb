import type { Session, SessionEnd, SessionRef } from '#core/sessions/session'
import { sessionLifetimeFor } from '#core/sessions/session'
import { currentPerson, reauthorize } from '#src/lifecycle/revalidate'
import type { WorkerContext } from '#src/worker/context'

/** Who ends what nobody asked to end. */
const itself = 'retina-chatops'

/** Ends what somebody, or the sweep, wants to have ended. Every worker does this all the time; whoever comes first does it. */
export async function endSessionsJob(context: WorkerContext): Promise<void> {
  for (const ending of await context.sessions.ending()) {
    const { session, id, by, why, patient } = ending
    const cluster = context.clusters.get(session.cluster)
    if (cluster === undefined || !(await claimEnd(context, id))) continue
    try {
      if (patient && (await runsIn(context)).has(session.run)) continue
      await cluster.end(session)
      await context.sessions.ended(id)
      context.log.info({ run: session.run, pod: session.pod, by, why }, 'session ended')
    } catch (error) {
      context.log.warn({ run: session.run, error: String(error) }, 'a session could not be ended yet')
      // By then it has ended by its own clock.
      if (Date.parse(session.until) < context.now().getTime()) await context.sessions.ended(id)
    } finally {
      await context.store.releaseLock(`session-end:${id}`)
    }
  }
}

function claimEnd(context: WorkerContext, id: string): Promise<boolean> {
  return context.store.acquireLock(`session-end:${id}`, context.timing.sessionEndLeaseMs / 1_000)
}

/** Ends sessions whose person may not do any more what they were made for, and forgets those that nobody of ours wrote. */
export async function sweepSessions(context: WorkerContext): Promise<void> {
  for (const { key, session } of await context.sessions.all()) {
    if (session === 'forged') {
      context.log.error(
        { key },
        'ALARM: a record of a container that is ready was written by somebody else; it is not used',
      )
      continue
    }
    const why = await whyEnd(context, session)
    if (why !== undefined) await endSession(context, { key, session }, { by: itself, why })
  }
}

/** Runs whose containers stay for further ones, or have others under way in them. */
export async function runsWithActiveSessions(context: WorkerContext): Promise<ReadonlySet<string>> {
  const sessions = await context.sessions.all()
  const ready = sessions.flatMap(({ session }) => (session === 'forged' ? [] : [session.run]))
  return new Set([...ready, ...(await runsIn(context))])
}

async function endSession(context: WorkerContext, place: SessionRef, how: SessionEnd): Promise<void> {
  await context.audit('session-ended', place.session.run, how.by, { why: how.why, pod: place.session.pod })
  await context.sessions.end(place, how)
}

/** Undefined where it may stand. Where it can't be asked, it stands: what is to run in it is decided by itself. */
async function whyEnd(context: WorkerContext, session: Session): Promise<string | undefined> {
  const run = await context.store.run(session.run)
  if (run === undefined || context.hasInvalidSignature(run)) return 'nobody knows whose it is'
  const { by, account } = run.request
  const person = await currentPerson(context, { id: by.id, account })
  if ('refused' in person) return person.temporary ? undefined : `${by.name} is not served any more`
  const destinations = await context.locate(run.request.destinations)
  const { decision, change } = reauthorize(
    { ...run.request, destinations },
    person,
    context.policy(),
    context.now().toISOString(),
  )
  if (decision.effect !== 'allow') return change
  return sessionLifetimeFor(run, context.policy().sets, context.keep()) === undefined
    ? 'the configuration changed'
    : undefined
}

/** Runs in whose containers others are under way. */
async function runsIn(context: WorkerContext): Promise<ReadonlySet<string>> {
  const open = await Promise.all((await context.store.openRuns()).map((id) => context.store.run(id)))
  return new Set(
    open.flatMap((run) => {
      const place = run === undefined || run.end !== undefined ? undefined : context.sessions.read(run)
      return place === undefined || place === 'forged' ? [] : [place.session.run]
    }),
  )
}
