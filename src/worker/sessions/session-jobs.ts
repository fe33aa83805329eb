import type { Place, Session, SessionEnd } from '#core/sessions/session'
import { stayOf } from '#core/sessions/session'
import { decideAgain, freshPerson } from '#src/lifecycle/revalidate'
import type { WorkerHouse } from '#src/worker/context'

/** Who ends what nobody asked to end. */
const itself = 'retina-chatops'

/** Ends what somebody, or the sweep, wants to have ended. Every worker does this all the time; whoever comes first does it. */
export async function lookAfterSessions(house: WorkerHouse): Promise<void> {
  for (const ending of await house.sessions.ending()) {
    const { session, id, by, why, patient } = ending
    const cluster = house.clusters.get(session.cluster)
    if (cluster === undefined || !(await claimEnd(house, id))) continue
    try {
      if (patient && (await runsIn(house)).has(session.run)) continue
      await cluster.end(session)
      await house.sessions.ended(id)
      house.log.info({ run: session.run, pod: session.pod, by, why }, 'session ended')
    } catch (error) {
      house.log.warn({ run: session.run, error: String(error) }, 'a session could not be ended yet')
      // By then it has ended by its own clock.
      if (Date.parse(session.until) < house.now().getTime()) await house.sessions.ended(id)
    } finally {
      await house.store.release(`session-end:${id}`)
    }
  }
}

function claimEnd(house: WorkerHouse, id: string): Promise<boolean> {
  return house.store.claim(`session-end:${id}`, house.timing.sessionEndLeaseMs / 1_000)
}

/** Ends sessions whose person may not do any more what they were made for, and forgets those that nobody of ours wrote. */
export async function sweepSessions(house: WorkerHouse): Promise<void> {
  for (const { key, session } of await house.sessions.all()) {
    if (session === 'forged') {
      house.log.error(
        { key },
        'ALARM: a record of a container that is ready was written by somebody else; it is not used',
      )
      continue
    }
    const why = await whyEnd(house, session)
    if (why !== undefined) await endSession(house, { key, session }, { by: itself, why })
  }
}

/** Runs whose containers stay for further ones, or have others under way in them. */
export async function runsWithGuests(house: WorkerHouse): Promise<ReadonlySet<string>> {
  const sessions = await house.sessions.all()
  const ready = sessions.flatMap(({ session }) => (session === 'forged' ? [] : [session.run]))
  return new Set([...ready, ...(await runsIn(house))])
}

async function endSession(house: WorkerHouse, place: Place, how: SessionEnd): Promise<void> {
  await house.audit('session-ended', place.session.run, how.by, { why: how.why, pod: place.session.pod })
  await house.sessions.end(place, how)
}

/** Undefined where it may stand. Where it can't be asked, it stands: what is to run in it is decided by itself. */
async function whyEnd(house: WorkerHouse, session: Session): Promise<string | undefined> {
  const run = await house.store.run(session.run)
  if (run === undefined || house.isBroken(run)) return 'nobody knows whose it is'
  const { by, account } = run.request
  const person = await freshPerson(house, { id: by.id, account })
  if ('refused' in person) return person.temporary ? undefined : `${by.name} is not served any more`
  const destinations = await house.locate(run.request.destinations)
  const { decision, change } = decideAgain(
    { ...run.request, destinations },
    person,
    house.policy(),
    house.now().toISOString(),
  )
  if (decision.effect !== 'allow') return change
  return stayOf(run, house.policy().sets, house.keep()) === undefined ? 'the configuration changed' : undefined
}

/** Runs in whose containers others are under way. */
async function runsIn(house: WorkerHouse): Promise<ReadonlySet<string>> {
  const open = await Promise.all((await house.store.openRuns()).map((id) => house.store.run(id)))
  return new Set(
    open.flatMap((run) => {
      const place = run === undefined || run.end !== undefined ? undefined : house.sessions.read(run)
      return place === undefined || place === 'forged' ? [] : [place.session.run]
    }),
  )
}
